package example;

import com.pulumi.Pulumi;
import com.pulumi.core.Output;
import com.pulumi.rethinkdb.RethinkdbCluster;
import com.pulumi.rethinkdb.RethinkdbClusterArgs;
import com.pulumi.rethinkdb.inputs.GrantArgs;
import com.pulumi.rethinkdb.inputs.UserArgs;
import com.pulumi.rethinkdb.inputs.WebUiArgs;
import java.util.Map;

/** An application that writes, a report that reads, and people who use the web UI: only people are admin. */
public final class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var config = ctx.config();
            var cluster = new RethinkdbCluster("db", RethinkdbClusterArgs.builder()
                .clusterName("shop")
                .adminPassword(config.requireSecret("adminPassword"))
                .databases("shop")
                .users(
                    UserArgs.builder().name("api")
                        .grants(GrantArgs.builder().db("shop").read(true).write(true).build()).build(),
                    UserArgs.builder().name("report")
                        .grants(GrantArgs.builder().db("shop").read(true).build()).build())
                .userPasswords(Output.tuple(config.requireSecret("apiPassword"), config.requireSecret("reportPassword"))
                    .applyValue(both -> Map.of("api", both.t1, "report", both.t2)))
                // On loopback of the Docker host, behind TLS and a password of its own.
                .webUi(WebUiArgs.builder().enabled(true).build())
                .webUiPassword(config.requireSecret("webUiPassword"))
                .build());
            ctx.export("endpoints", cluster.servers()
                .applyValue(servers -> servers.stream().map(server -> server.driverEndpoint().orElse("")).toList()));
            ctx.export("driverCaPem", cluster.driverCaPem());
        });
    }
}
