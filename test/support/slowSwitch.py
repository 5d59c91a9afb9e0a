"""A learning switch that takes its time: each frame is forwarded after a delay, and some are lost.

Run as root in the network namespace of the links, none of them part of a bridge:
    slowSwitch.py DELAY_MS LOSS LINK...
or in a namespace whose device sends through it, to have whole segments with checksums put on the wire:
    slowSwitch.py plain DEVICE
or anywhere, to have the shortest of five round trips printed, in milliseconds:
    slowSwitch.py ping ADDRESS

The switch ends with its stdin and says what it did, one line of JSON.
"""
import array
import collections
import fcntl
import json
import random
import selectors
import socket
import struct
import sys
import time

ETH_P_ALL = 3
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING = 263, 1, 6, 23
PACKET_MR_PROMISC = 1
SO_RCVBUFFORCE = 33
SIOCETHTOOL = 0x8946
# Of linux/ethtool.h: generic and TCP segmentation, checksums by the device, receive offload.
ETHTOOL_SGSO, ETHTOOL_STSO, ETHTOOL_STXCSUM, ETHTOOL_SGRO = 0x24, 0x1F, 0x17, 0x2C


def plain(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM):
            value = array.array("I", [command, 0])
            fcntl.ioctl(ask, SIOCETHTOOL, struct.pack("16sP", device.encode(), value.buffer_info()[0]))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping(address):
    """As the command of that name does it, which is not on every machine."""
    me = random.getrandbits(16)
    trips = []
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as made:
        made.settimeout(2)
        for number in range(5):
            echo = struct.pack("!BBHHH", 8, 0, 0, me, number)
            sent = time.monotonic()
            made.sendto(echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:], (address, 0))
            try:
                while True:
                    answer = made.recv(1500)
                    answer = answer[(answer[0] & 15) * 4 :]
                    if answer[0] == 0 and struct.unpack("!HH", answer[4:8]) == (me, number):
                        trips.append(time.monotonic() - sent)
                        break
            except TimeoutError:
                pass
    if not trips:
        sys.exit(f"{address} does not answer")
    print(round(min(trips) * 1000, 2))


def port(link):
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    made.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
    made.bind((link, 0))
    index = socket.if_nametoindex(link)
    made.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b""))
    made.setblocking(False)
    return made


def switch(delay, loss, links):
    ports = [port(link) for link in links]
    poll = selectors.DefaultSelector()
    for one in ports:
        poll.register(one, selectors.EVENT_READ)
    poll.register(sys.stdin, selectors.EVENT_READ)
    # All wait equally long: first in, first out.
    waiting = collections.deque()
    homes = {}
    seen = dict(forwarded=0, lost=0, unsent=0, latest=0.0)
    print("started", flush=True)
    while True:
        ready = poll.select(max(0.0, waiting[0][0] - time.monotonic()) if waiting else None)
        for key, _ in ready:
            if key.fileobj is sys.stdin:
                for one in ports:
                    # Frames that found no room in the socket's buffer.
                    seen["unsent"] += struct.unpack("II", one.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
                seen["latestMs"] = round(seen.pop("latest") * 1000, 1)
                print(json.dumps(seen), flush=True)
                return
            for _ in range(64):
                try:
                    frame = key.fileobj.recv(65536)
                except OSError:
                    break
                homes[frame[6:12]] = key.fileobj
                if random.random() < loss:
                    seen["lost"] += 1
                else:
                    waiting.append((time.monotonic() + delay, key.fileobj, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            due, source, frame = waiting.popleft()
            seen["latest"] = max(seen["latest"], time.monotonic() - due)
            home = None if frame[0] & 1 else homes.get(frame[:6])
            for one in ports if home is None else [home]:
                if one is source:
                    continue
                try:
                    one.send(frame)
                    seen["forwarded"] += 1
                except OSError:
                    # The link is down, or its queue is full.
                    seen["unsent"] += 1


if sys.argv[1] == "plain":
    plain(sys.argv[2])
elif sys.argv[1] == "ping":
    ping(sys.argv[2])
else:
    switch(float(sys.argv[1]) / 1000, float(sys.argv[2]), sys.argv[3:])
