"""Serves bare repositories below ./root over https, with cert.pem and key.pem of the working directory."""
import http.server, ssl, subprocess, os, sys
ROOT=os.path.abspath("root")
class H(http.server.BaseHTTPRequestHandler):
    protocol_version="HTTP/1.0"
    def do(self):
        path,_,q=self.path.partition("?")
        n=int(self.headers.get("content-length") or 0)
        body=self.rfile.read(n) if n else b""
        if self.headers.get("transfer-encoding")=="chunked":
            body=b""
            while True:
                size=int(self.rfile.readline(),16)
                if size==0: self.rfile.readline(); break
                body+=self.rfile.read(size); self.rfile.readline()
        env=dict(os.environ,GIT_PROJECT_ROOT=ROOT,GIT_HTTP_EXPORT_ALL="1",PATH_INFO=path,QUERY_STRING=q,REQUEST_METHOD=self.command,CONTENT_TYPE=self.headers.get("content-type") or "",CONTENT_LENGTH=str(len(body)),GIT_PROTOCOL=self.headers.get("git-protocol") or "",HTTP_CONTENT_ENCODING=self.headers.get("content-encoding") or "")
        r=subprocess.run(["git","-c","safe.directory=*","http-backend"],env=env,input=body,capture_output=True)
        head,_,out=r.stdout.partition(b"\r\n\r\n")
        status=200
        hs=[]
        for l in head.decode().split("\r\n"):
            k,_,v=l.partition(": ")
            if k=="Status": status=int(v.split()[0])
            elif k: hs.append((k,v))
        self.send_response(status)
        for k,v in hs: self.send_header(k,v)
        self.end_headers(); self.wfile.write(out)
    do_GET=do_POST=do
s=http.server.ThreadingHTTPServer(("127.0.0.1",int(sys.argv[1])),H)
c=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain("cert.pem","key.pem")
s.socket=c.wrap_socket(s.socket,server_side=True); s.serve_forever()
