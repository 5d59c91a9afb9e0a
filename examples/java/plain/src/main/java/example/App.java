package example;

import com.pulumi.Pulumi;
import com.pulumi.rethinkdb.RethinkdbCluster;
import com.pulumi.rethinkdb.RethinkdbClusterArgs;

/** Three servers, reached on loopback of the Docker host: everything else is the default. */
public final class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var cluster = new RethinkdbCluster("db", RethinkdbClusterArgs.builder()
                .clusterName("orders")
                .adminPassword(ctx.config().requireSecret("adminPassword"))
                .build());
            ctx.export("endpoints", cluster.servers()
                .applyValue(servers -> servers.stream().map(server -> server.driverEndpoint().orElse("")).toList()));
            ctx.export("driverCaPem", cluster.driverCaPem());
        });
    }
}
