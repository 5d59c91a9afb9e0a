#!/usr/bin/env bash
# The same cluster by hand, as fast as a plain script can: openssl and docker. Arguments: prefix, subnet start, port, count.
set -euo pipefail
name=$1 net=$2 port=$3 count=$4
image=rethinkdb:2.4.4-bookworm-slim
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$name $1 CA" \
    -keyout "$1-ca.key" -out "$1-ca.pem" 2>/dev/null
}
leaf() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name-n$2" -keyout "n$2/$1.key" -out "n$2/$1.csr" 2>/dev/null
  openssl x509 -req -in "n$2/$1.csr" -CA "$1-ca.pem" -CAkey "$1-ca.key" -CAcreateserial -days 90 -out "n$2/$1.pem" \
    -extfile <(echo "subjectAltName=DNS:$name-n$2,DNS:localhost,IP:$net.$((10 + $2)),IP:127.0.0.1") 2>/dev/null
  rm "n$2/$1.csr"
  cp "$1-ca.pem" "n$2/"
}

ca cluster
ca driver
docker network create --subnet "$net.0/24" "$name" >/dev/null
for i in $(seq 0 $((count - 1))); do
  mkdir "n$i"
  leaf cluster "$i"
  leaf driver "$i"
  if [ "$i" = 0 ]; then echo "initial-password=$(openssl rand -hex 16)"; else echo "initial-password=auto"; fi >"n$i/rethinkdb.conf"
  tar -C "n$i" -c . | docker run --rm -i --network none --volume "$name-n$i-data:/data" --volume "$name-n$i-tls:/tls" --entrypoint bash "$image" -c \
    'tar -C /tls -x && chown -R 28015:28015 /tls && chmod 400 /tls/*.key && mkdir -p /data/rethinkdb && chown 28015:28015 /data/rethinkdb'
  join=()
  for j in $(seq 0 $((i - 1))); do join+=(--join "$net.$((10 + j)):29015"); done
  docker run --detach --name "$name-n$i" --network "$name" --ip "$net.$((10 + i))" --publish "127.0.0.1:$((port + i)):28015" \
    --user 28015:28015 --read-only --cap-drop ALL --security-opt no-new-privileges --memory 1g --memory-swap 1g --restart unless-stopped \
    --volume "$name-n$i-data:/data" --volume "$name-n$i-tls:/tls:ro" "$image" \
    rethinkdb --directory /data/rethinkdb --server-name "n$i" --config-file /tls/rethinkdb.conf --bind-cluster "$net.$((10 + i))" \
    --bind-driver "$net.$((10 + i))" --canonical-address "$net.$((10 + i))" --canonical-address 127.0.0.1 --no-http-admin \
    --cluster-tls-key /tls/cluster.key --cluster-tls-cert /tls/cluster.pem --cluster-tls-ca /tls/cluster-ca.pem \
    --driver-tls-key /tls/driver.key --driver-tls-cert /tls/driver.pem --cache-size 512 "${join[@]}" >/dev/null
  # The driver port opens when the server has joined.
  docker exec "$name-n$i" bash -c 'until exec 3<>/dev/tcp/127.0.0.1/28015; do sleep 0.05; done 2>/dev/null'
done
