-- Text in the form in which words are looked for: as studio_folded has it, and full width, half width, circled, squared
-- and mathematical letters as the plain ones (NFKC). Korean letters that stand alone (ㅋㅋ) keep their form, which NFKC
-- would join to syllables. Few texts hold any of these, and the look is faster than the change.
-- lib/domain/search/terms.py spells the words of a search alike.
CREATE OR REPLACE FUNCTION studio_searched(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(CASE WHEN words !~
            '[\u00A0\u2000-\u200A\u2024-\u2026\u202F\u2460-\u24FF\u3000\u3200-\u33FF\uFF01-\uFFEE\U0001D400-\U0001D7FF]'
        THEN normalize(words, NFC)
        ELSE translate(normalize(translate(words, alone, kept), NFKC), kept, alone) END)
    FROM (SELECT
        'ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ' AS alone,
        U&'\E131\E132\E133\E134\E135\E136\E137\E138\E139\E13A\E13B\E13C\E13D\E13E\E13F\E140\E141\E142\E143\E144\E145'
        '\E146\E147\E148\E149\E14A\E14B\E14C\E14D\E14E\E14F\E150\E151\E152\E153\E154\E155\E156\E157\E158\E159\E15A\E15B'
        '\E15C\E15D\E15E\E15F\E160\E161\E162\E163' AS kept
    ) AS letters
$$;
