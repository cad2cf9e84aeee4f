"""The one layer that turns a conversation into what a model reads and looks at."""
