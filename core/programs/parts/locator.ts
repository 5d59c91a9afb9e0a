/**
 * How a Command starts a program: by text that is the same on every machine, in every home and for every version, so that
 * a move or an upgrade changes nothing in a state, and a delete works after the version that declared it is gone.
 */

/**
 * A JavaScript expression: a function of `require`, a working directory and Pulumi's home. It returns the folder of the
 * package: the nearest above the working directory, in `node_modules`, itself a checkout, or a
 * folder that `packages` of Pulumi.yaml names; else the newest plugin that is installed whole. Of folders of other users it
 * takes none but those of the owner of the working directory. It has no single quote, since it stands between two.
 */
export const FIND = [
  `(require,cwd,home)=>{const{existsSync,readFileSync,readdirSync,statSync}=require("fs"),{dirname,join,resolve}=require("path");`,
  `const owners=[0,process.getuid(),statSync(cwd).uid];`,
  `const versionOf=at=>{try{const{name,version}=JSON.parse(readFileSync(join(at,"package.json"))),main=join(at,"dist/ops/main.js");`,
  `return name==="pulumi-rethinkdb"&&[at,main].every(one=>owners.includes(statSync(one).uid))&&version}catch{}};`,
  `const named=at=>{try{return resolve(at,/^packages:\\n(?: .*\\n)*? +rethinkdb: *["\\x27]?([^\\s"\\x27#]+)/m.exec(readFileSync(join(at,"Pulumi.yaml"),"utf8"))[1],"..")}catch{return at}};`,
  `for(let at=cwd;;at=dirname(at)){const found=[join(at,"node_modules/pulumi-rethinkdb"),at,named(at)].find(versionOf);`,
  `if(found)return found;if(at===dirname(at))break}`,
  `const plugins=join(home,"plugins"),names=existsSync(plugins)?readdirSync(plugins):[];`,
  `const age=at=>versionOf(at).replace(/^[^-]*$/,"$&~").replace(/[0-9]+/g,n=>n.padStart(9,0));`,
  `return names.filter(n=>n.startsWith("resource-")&&!names.includes(n+".partial")).map(n=>join(plugins,n))`,
  `.filter(versionOf).sort((a,b)=>age(a)<age(b)?-1:1).pop()}`,
].join("");

const MISSING =
  "the programs of pulumi-rethinkdb are neither in node_modules nor among the plugins of Pulumi on this machine: " +
  "run npm install in a Node.js project, or pulumi install in any other, then the same command again";

const RUN = [
  `const at=(${FIND})(require,process.cwd(),process.env.PULUMI_HOME||require("path").join(require("os").homedir(),".pulumi"));`,
  `if(at){const main=require("path").join(at,"dist/ops/main.js");process.argv.splice(1,0,main);require(main)}`,
  `else{console.error("${MISSING}");process.exitCode=1}`,
].join("");

/** What does nothing, without a start of Node. */
export const NOTHING = ":";

/** Of every Command: its text is a verb, or `NOTHING`. */
export const INTERPRETER: readonly string[] = ["sh", "-c", `[ "$0" = : ] || exec node -e '${RUN}' "$0"`];
