/** Where Pulumi starts the plugin. */
require("../dist/provider/main.js");
