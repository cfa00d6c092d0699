"""Models in Hugging Face repositories, from their headers alone (the optional extra `hub`)."""
