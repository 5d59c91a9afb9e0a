"""An application that writes, a report that reads, and people who use the web UI: only people are admin."""

import pulumi
import pulumi_rethinkdb as rethinkdb

config = pulumi.Config()

cluster = rethinkdb.RethinkdbCluster(
    "db",
    cluster_name="shop",
    admin_password=config.require_secret("adminPassword"),
    databases=["shop"],
    users=[
        rethinkdb.UserArgs(name="api", grants=[rethinkdb.GrantArgs(db="shop", read=True, write=True)]),
        rethinkdb.UserArgs(name="report", grants=[rethinkdb.GrantArgs(db="shop", read=True)]),
    ],
    user_passwords={
        "api": config.require_secret("apiPassword"),
        "report": config.require_secret("reportPassword"),
    },
    # On loopback of the Docker host, behind TLS and a password of its own.
    web_ui=rethinkdb.WebUiArgs(enabled=True),
    web_ui_password=config.require_secret("webUiPassword"),
)

pulumi.export("servers", cluster.servers)
pulumi.export("driver_ca_pem", cluster.driver_ca_pem)
