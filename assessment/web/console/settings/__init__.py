"""What the owners of a tenant set up: brand, website, form, mail, questionnaire, endpoints, staff; and who did what."""
