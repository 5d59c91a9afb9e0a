// Three servers, reached on loopback of the Docker host: everything else is the default.
using System.Collections.Generic;
using Pulumi;
using Pulumi.Rethinkdb;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var cluster = new RethinkdbCluster("db", new RethinkdbClusterArgs
    {
        ClusterName = "orders",
        AdminPassword = config.RequireSecret("adminPassword"),
    });
    return new Dictionary<string, object?>
    {
        ["servers"] = cluster.Servers,
        ["driverCaPem"] = cluster.DriverCaPem,
    };
});
