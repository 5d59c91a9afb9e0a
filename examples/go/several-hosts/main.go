// One server on each of three hosts, which reach each other on private addresses; so do applications.
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
			Hosts: []rethinkdb.HostArgs{
				{Name: "a", DockerHost: "ssh://deploy@10.0.0.11", Address: pulumi.StringRef("10.0.0.11"), Zone: pulumi.StringRef("rack1")},
				{Name: "b", DockerHost: "ssh://deploy@10.0.0.12", Address: pulumi.StringRef("10.0.0.12"), Zone: pulumi.StringRef("rack2")},
				{Name: "c", DockerHost: "ssh://deploy@10.0.0.13", Address: pulumi.StringRef("10.0.0.13"), Zone: pulumi.StringRef("rack3")},
			},
			Placement:     map[string]string{"n0": "a", "n1": "b", "n2": "c"},
			DriverPublish: pulumi.StringRef("host-address"),
		})
		if err != nil {
			return err
		}
		ctx.Export("servers", cluster.Servers)
		ctx.Export("driverCaPem", cluster.DriverCaPem)
		return nil
	})
}
