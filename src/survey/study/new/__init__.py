"""A study made from one export: its folder, a draft of its codebook, notebooks and a page on how to go on."""
