"""Who asks by this request, and what of a year they may see."""
