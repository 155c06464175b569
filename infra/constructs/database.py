"""PostgreSQL: where it runs, who may connect, how it is kept."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra.config import Environment
from infra.constructs.findings import accept
from infra.constructs.function import log_retention
from infra.constructs.network import Network

__all__ = ["DATABASE_NAME", "LOGIN", "OWNER", "Database"]

DATABASE_NAME = "foliolens"
OWNER = "foliolens_owner"
"""The master user: its password lies in Secrets Manager, for migrations and operators."""

LOGIN = "foliolens_login"
"""The user that functions sign in as, by IAM, without a password; the first migration creates it."""


class Database(Construct):
    """Aurora Serverless or an instance, encrypted, reachable from our functions alone, with TLS demanded.

    Attributes:
        database: The cluster or the instance.
        secret: The owner's name and password.
        has_storage_metric: Whether its storage can run out; Aurora's grows by itself.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, network: Network
    ) -> None:
        super().__init__(scope, construct_id)
        self.database = (
            self._aurora(environment, network.vpc)
            if environment.database == "aurora_serverless"
            else self._instance(environment, network.vpc)
        )
        self.database.connections.allow_default_port_from(network.functions, "Our functions")
        secret = self.database.secret
        if secret is None:
            raise TypeError("generated credentials have a secret")
        self.secret = secret
        self.has_storage_metric = isinstance(self.database, rds.DatabaseInstance)
        accept(
            self,
            {
                "AwsSolutions-SMG4": "Migrations and operators use the owner's password, functions sign in"
                " by IAM. Rotating it takes a function with a way to Secrets Manager, which it has not.",
                "AwsSolutions-RDS11": "Another port hides nothing from the only callers there are.",
            },
        )
        if environment.database == "instance" and not environment.database_multi_az:
            accept(self, {"AwsSolutions-RDS3": "A standby doubles the price: the environment does without."})
        if not environment.protected:
            accept(self, {"AwsSolutions-RDS10": "An environment for trying things out can be removed."})

    @property
    def host(self) -> str:
        """Its address."""
        if isinstance(self.database, rds.DatabaseCluster):
            return self.database.cluster_endpoint.hostname
        return self.database.db_instance_endpoint_address

    @property
    def port(self) -> str:
        """Its port."""
        if isinstance(self.database, rds.DatabaseCluster):
            return cdk.Token.as_string(self.database.cluster_endpoint.port)
        return self.database.db_instance_endpoint_port

    @property
    def dimensions(self) -> dict[str, str]:
        """Its dimensions in CloudWatch."""
        if isinstance(self.database, rds.DatabaseCluster):
            return {"DBClusterIdentifier": self.database.cluster_identifier}
        return {"DBInstanceIdentifier": self.database.instance_identifier}

    def allow_sign_in(self, grantee: iam.IGrantable) -> None:
        """Let a function sign in as `LOGIN` by IAM, and as nobody else."""
        resource = (
            self.database.cluster_resource_identifier
            if isinstance(self.database, rds.DatabaseCluster)
            else self.database.instance_resource_id
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["rds-db:connect"],
            resource_arns=[
                cdk.Stack.of(self).format_arn(
                    service="rds-db",
                    resource="dbuser",
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                    resource_name=f"{resource}/{LOGIN}",
                )
            ],
        )

    def _aurora(self, environment: Environment, vpc: ec2.IVpc) -> rds.DatabaseCluster:
        engine = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_7)
        return rds.DatabaseCluster(
            self,
            "Cluster",
            engine=engine,
            parameter_group=self._parameters(engine),
            credentials=rds.Credentials.from_generated_secret(OWNER),
            default_database_name=DATABASE_NAME,
            writer=rds.ClusterInstance.serverless_v2("Writer"),
            serverless_v2_min_capacity=0,
            serverless_v2_max_capacity=2,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            iam_authentication=True,
            storage_encrypted=True,
            copy_tags_to_snapshot=True,
            backup=rds.BackupProps(retention=cdk.Duration.days(environment.backup_days)),
            cloudwatch_logs_exports=["postgresql"],
            cloudwatch_logs_retention=log_retention(environment),
            deletion_protection=environment.protected,
            removal_policy=_removal(environment),
        )

    def _instance(self, environment: Environment, vpc: ec2.IVpc) -> rds.DatabaseInstance:
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_18_3)
        return rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            parameter_group=self._parameters(engine),
            credentials=rds.Credentials.from_generated_secret(OWNER),
            database_name=DATABASE_NAME,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
            allocated_storage=20,
            max_allocated_storage=100,
            storage_type=rds.StorageType.GP3,
            multi_az=environment.database_multi_az,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            iam_authentication=True,
            storage_encrypted=True,
            copy_tags_to_snapshot=True,
            backup_retention=cdk.Duration.days(environment.backup_days),
            cloudwatch_logs_exports=["postgresql"],
            cloudwatch_logs_retention=log_retention(environment),
            deletion_protection=environment.protected,
            removal_policy=_removal(environment),
        )

    def _parameters(self, engine: rds.IEngine) -> rds.ParameterGroup:
        return rds.ParameterGroup(self, "Parameters", engine=engine, parameters={"rds.force_ssl": "1"})


def _removal(environment: Environment) -> cdk.RemovalPolicy:
    return cdk.RemovalPolicy.SNAPSHOT if environment.protected else cdk.RemovalPolicy.DESTROY
