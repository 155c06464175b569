"""The code of Cognito's triggers: single files that go into the template as they are."""
