// Three servers, reached on loopback of the Docker host: everything else is the default.
package main

import (
	"example.com/pulumi-rethinkdb/sdk/go/rethinkdb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cluster, err := rethinkdb.NewRethinkdbCluster(ctx, "db", &rethinkdb.RethinkdbClusterArgs{
			ClusterName:   "orders",
			AdminPassword: config.RequireSecret(ctx, "adminPassword"),
		})
		if err != nil {
			return err
		}
		ctx.Export("servers", cluster.Servers)
		ctx.Export("driverCaPem", cluster.DriverCaPem)
		return nil
	})
}
