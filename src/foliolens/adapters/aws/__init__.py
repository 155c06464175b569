"""The adapters on AWS: Cognito, S3, SQS, DynamoDB, RDS. Only they import botocore, and at first use."""
