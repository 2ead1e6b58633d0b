"""What many assessments say together: sums in, sentences, tables and figures out."""
