/** Perl that opens connections from where it runs; all of them are carried over its stdin and stdout. Perl is part of every Debian. */

/**
 * A frame is a letter, the number of its connection, the length of its payload, and the payload.
 * In: C connect (`host port`), D data, E no more data, X close, S scan (`host first last`).
 * Out: B begins, O open, F failed (why), D data, E no more data, R result of a scan (open ports).
 */
export const DIALER_SCRIPT = String.raw`
use strict; use Socket qw(:all); use Errno qw(EINPROGRESS EAGAIN EINTR); use Fcntl;
my (%c, $buf); $buf = "";
$SIG{PIPE} = "IGNORE"; $SIG{CHLD} = "IGNORE"; setpriority(0, 0, 19);
sub out { my ($t, $i, $d) = @_; my $m = $t . pack("NN", $i, length $d) . $d;
  for (my $at = 0; $at < length $m;) { my $n = syswrite(STDOUT, $m, length($m) - $at, $at); exit 1 unless $n; $at += $n } }
sub begin { my ($host, $port) = @_;
  my ($err, @r) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
  return (undef, "unknown host") if $err || !@r;
  socket(my $s, $r[0]{family}, SOCK_STREAM, 0) or return (undef, "$!");
  fcntl($s, F_SETFL, fcntl($s, F_GETFL, 0) | O_NONBLOCK);
  return ($s, "") if connect($s, $r[0]{addr}) || $! == EINPROGRESS;
  return (undef, "$!"); }
sub ended { my ($s) = @_; my $e = getsockopt($s, SOL_SOCKET, SO_ERROR) // pack("i", 0); $! = unpack("i", $e); return $! + 0 ? "$!" : "" }
sub to { my ($at, $port) = @_; my $v6 = sockaddr_family($at) == AF_INET6;
  my (undef, $ip) = $v6 ? unpack_sockaddr_in6($at) : unpack_sockaddr_in($at);
  socket(my $s, $v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or return;
  fcntl($s, F_SETFL, O_RDWR | O_NONBLOCK);
  return $s if connect($s, $v6 ? pack_sockaddr_in6($port, $ip) : pack_sockaddr_in($port, $ip)) || $! == EINPROGRESS; return }
sub scan { my ($i, $host, $first, $last) = @_; my (@open, %s); my $next = $first;
  my ($err, @r) = getaddrinfo($host, 1, { socktype => SOCK_STREAM }); exit 1 if $err || !@r;
  while ($next <= $last || %s) {
    while ($next <= $last && keys(%s) < 400) { my $s = to($r[0]{addr}, $next); $s and $s{$next} = [$s, time]; $next++ }
    my ($w, $e) = ("", ""); vec($w, fileno($_->[0]), 1) = 1 for values %s;
    select(undef, my $wo = $w, undef, 0.2);
    for my $p (keys %s) { my ($s, $at) = @{$s{$p}};
      if (vec($wo, fileno($s), 1)) { push @open, $p unless ended($s); close $s; delete $s{$p} }
      elsif (time - $at > 2) { close $s; delete $s{$p} } } }
  out("R", $i, join(" ", sort { $a <=> $b } @open)); exit 0 }
out("B", 0, "");
while (1) {
  my ($r, $w) = ("", ""); vec($r, 0, 1) = 1;
  for my $i (keys %c) { my $x = $c{$i}; my $f = fileno $x->{s};
    vec($r, $f, 1) = 1 if $x->{open} && !$x->{eof}; vec($w, $f, 1) = 1 if !$x->{open} || length $x->{out} }
  my $n = select(my $ro = $r, my $wo = $w, undef, 5); next if $n <= 0;
  if (vec($ro, 0, 1)) { my $got = sysread(STDIN, $buf, 65536, length $buf); exit 0 unless $got }
  while (length $buf >= 9) { my ($t, $i, $l) = unpack("a1NN", $buf); last if length $buf < 9 + $l;
    my $d = substr($buf, 9, $l); substr($buf, 0, 9 + $l) = ""; my $x = $c{$i};
    if ($t eq "C") { my ($s, $why) = begin(split / /, $d);
      if ($s) { $c{$i} = { s => $s, open => 0, out => "", eof => 0, end => 0 } } else { out("F", $i, $why) } }
    elsif ($t eq "D" && $x) { $x->{out} .= $d }
    elsif ($t eq "E" && $x) { $x->{end} = 1; shutdown($x->{s}, 1) unless length $x->{out} }
    elsif ($t eq "X" && $x) { close $x->{s}; delete $c{$i} }
    elsif ($t eq "S") { unless (fork) { scan($i, split / /, $d) } } }
  for my $i (keys %c) { my $x = $c{$i}; my $f = fileno $x->{s};
    if (vec($wo, $f, 1)) {
      if (!$x->{open}) { my $why = ended($x->{s});
        if ($why) { out("F", $i, $why); close $x->{s}; delete $c{$i}; next }
        $x->{open} = 1; out("O", $i, "") }
      if (length $x->{out}) { my $n = syswrite($x->{s}, $x->{out});
        if (defined $n) { substr($x->{out}, 0, $n) = ""; shutdown($x->{s}, 1) if $x->{end} && !length $x->{out} }
        elsif ($! != EAGAIN && $! != EINTR) { $x->{out} = "" } } }
    if (vec($ro, $f, 1)) { my $n = sysread($x->{s}, my $d, 65536);
      if ($n) { out("D", $i, $d) }
      elsif (defined $n || ($! != EAGAIN && $! != EINTR)) { $x->{eof} = 1; out("E", $i, defined $n ? "" : "$!") } } }
}`;
