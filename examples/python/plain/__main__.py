"""Three servers, reached on loopback of the Docker host: everything else is the default."""

import pulumi
import pulumi_rethinkdb as rethinkdb

config = pulumi.Config()

cluster = rethinkdb.RethinkdbCluster(
    "db",
    cluster_name="orders",
    admin_password=config.require_secret("adminPassword"),
)

pulumi.export("servers", cluster.servers)
pulumi.export("driver_ca_pem", cluster.driver_ca_pem)
