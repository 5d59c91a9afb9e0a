package example;

import com.pulumi.Pulumi;
import com.pulumi.rethinkdb.RethinkdbCluster;
import com.pulumi.rethinkdb.RethinkdbClusterArgs;
import com.pulumi.rethinkdb.inputs.HostArgs;
import java.util.Map;

/** One server on each of three hosts, which reach each other on private addresses; so do applications. */
public final class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var cluster = new RethinkdbCluster("db", RethinkdbClusterArgs.builder()
                .clusterName("orders")
                .adminPassword(ctx.config().requireSecret("adminPassword"))
                .hosts(host("a", "10.0.0.11", "rack1"), host("b", "10.0.0.12", "rack2"), host("c", "10.0.0.13", "rack3"))
                .placement(Map.of("n0", "a", "n1", "b", "n2", "c"))
                .driverPublish("host-address")
                .build());
            ctx.export("endpoints", cluster.servers()
                .applyValue(servers -> servers.stream().map(server -> server.driverEndpoint().orElse("")).toList()));
            ctx.export("driverCaPem", cluster.driverCaPem());
        });
    }

    private static HostArgs host(String name, String address, String zone) {
        return HostArgs.builder().name(name).dockerHost("ssh://deploy@" + address).address(address).zone(zone).build();
    }
}
