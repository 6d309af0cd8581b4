"""`slimstage explain`: what the knowledge base says about a topic, for a terminal."""
