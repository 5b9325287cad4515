"""Sentence sentiment: the calibrated scorer (`scorer`), and SnowNLP's own score (`snow`)."""
