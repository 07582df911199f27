// Opens another page of the app: beside the present one, so that it holds under any base path.

export default function ({ data }) {
  if (data?.address) window.location.assign(new URL(data.address, window.location.href))
}
