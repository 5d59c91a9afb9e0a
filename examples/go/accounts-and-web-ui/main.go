// An application that writes, a report that reads, and people who use the web UI: only people are admin.
package main

import (
	"example.com/pulumi-rethinkdb/sdk/go/rethinkdb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cluster, err := rethinkdb.NewRethinkdbCluster(ctx, "db", &rethinkdb.RethinkdbClusterArgs{
			ClusterName:   "shop",
			AdminPassword: config.RequireSecret(ctx, "adminPassword"),
			Databases:     []string{"shop"},
			Users: []rethinkdb.UserArgs{
				{Name: "api", Grants: []rethinkdb.GrantArgs{{Db: pulumi.StringRef("shop"), Read: pulumi.BoolRef(true), Write: pulumi.BoolRef(true)}}},
				{Name: "report", Grants: []rethinkdb.GrantArgs{{Db: pulumi.StringRef("shop"), Read: pulumi.BoolRef(true)}}},
			},
			UserPasswords: pulumi.StringMap{
				"api":    config.RequireSecret(ctx, "apiPassword"),
				"report": config.RequireSecret(ctx, "reportPassword"),
			},
			// On loopback of the Docker host, behind TLS and a password of its own.
			WebUi:         &rethinkdb.WebUiArgs{Enabled: true},
			WebUiPassword: config.RequireSecret(ctx, "webUiPassword"),
		})
		if err != nil {
			return err
		}
		ctx.Export("servers", cluster.Servers)
		ctx.Export("driverCaPem", cluster.DriverCaPem)
		return nil
	})
}
