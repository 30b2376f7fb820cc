"""Forms on paper: data in, PDF out, by typst."""
