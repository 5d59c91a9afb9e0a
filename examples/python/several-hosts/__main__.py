"""One server on each of three hosts, which reach each other on private addresses; so do applications."""

import pulumi
import pulumi_rethinkdb as rethinkdb

config = pulumi.Config()

HOSTS = {"a": "10.0.0.11", "b": "10.0.0.12", "c": "10.0.0.13"}

cluster = rethinkdb.RethinkdbCluster(
    "db",
    cluster_name="orders",
    admin_password=config.require_secret("adminPassword"),
    hosts=[
        rethinkdb.HostArgs(name=name, docker_host=f"ssh://deploy@{address}", address=address)
        for name, address in HOSTS.items()
    ],
    placement={"n0": "a", "n1": "b", "n2": "c"},
    driver_publish="host-address",
)

pulumi.export("servers", cluster.servers)
pulumi.export("driver_ca_pem", cluster.driver_ca_pem)
