// One server on each of three hosts, which reach each other on private addresses; so do applications.
using System.Collections.Generic;
using Pulumi;
using Pulumi.Rethinkdb;
using Pulumi.Rethinkdb.Inputs;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var cluster = new RethinkdbCluster("db", new RethinkdbClusterArgs
    {
        ClusterName = "orders",
        AdminPassword = config.RequireSecret("adminPassword"),
        Hosts =
        {
            new HostArgs { Name = "a", DockerHost = "ssh://deploy@10.0.0.11", Address = "10.0.0.11", Zone = "rack1" },
            new HostArgs { Name = "b", DockerHost = "ssh://deploy@10.0.0.12", Address = "10.0.0.12", Zone = "rack2" },
            new HostArgs { Name = "c", DockerHost = "ssh://deploy@10.0.0.13", Address = "10.0.0.13", Zone = "rack3" },
        },
        Placement = { { "n0", "a" }, { "n1", "b" }, { "n2", "c" } },
        DriverPublish = "host-address",
    });
    return new Dictionary<string, object?>
    {
        ["servers"] = cluster.Servers,
        ["driverCaPem"] = cluster.DriverCaPem,
    };
});
