"""The pure core: questionnaires, answers, scores and plans, with no web, no database and no clock."""
