"""FolioLens on AWS, in CDK. `app.py` builds it; stacks compose, constructs own one capability each."""
