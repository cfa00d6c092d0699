"""The app in a class: `follower` shows what the teacher shows, `leader` tells the class where the teacher is."""
