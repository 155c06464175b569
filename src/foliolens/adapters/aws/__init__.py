"""The adapters on AWS: Cognito, S3, SQS, DynamoDB, RDS. boto3 is imported nowhere else, and at first use."""
