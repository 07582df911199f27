"""What a text says, by kind: prices, places, quantities, times and names."""
