// An application that writes, a report that reads, and people who use the web UI: only people are admin.
using System.Collections.Generic;
using Pulumi;
using Pulumi.Rethinkdb;
using Pulumi.Rethinkdb.Inputs;

return await Deployment.RunAsync(() =>
{
    var config = new Config();
    var cluster = new RethinkdbCluster("db", new RethinkdbClusterArgs
    {
        ClusterName = "shop",
        AdminPassword = config.RequireSecret("adminPassword"),
        Databases = { "shop" },
        Users =
        {
            new UserArgs { Name = "api", Grants = { new GrantArgs { Db = "shop", Read = true, Write = true } } },
            new UserArgs { Name = "report", Grants = { new GrantArgs { Db = "shop", Read = true } } },
        },
        UserPasswords =
        {
            { "api", config.RequireSecret("apiPassword") },
            { "report", config.RequireSecret("reportPassword") },
        },
        // On loopback of the Docker host, behind TLS and a password of its own.
        WebUi = new WebUiArgs { Enabled = true },
        WebUiPassword = config.RequireSecret("webUiPassword"),
    });
    return new Dictionary<string, object?>
    {
        ["servers"] = cluster.Servers,
        ["driverCaPem"] = cluster.DriverCaPem,
    };
});
