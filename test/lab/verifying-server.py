"""SMTP servers on OpenSSL that check the client's certificate during the handshake, and so send real alerts.

Usage: verifying-server.py ROOTS CHAIN KEY; writes "ready" when it listens.
10.99.0.75 TLS 1.2, a certificate of the lab's roots required; 10.99.0.76 the same with TLS 1.3;
10.99.0.77 refuses unknown server names; 10.99.0.78 speaks only one cipher suite; 10.99.0.79 speaks TLS 1.0 and 1.1.
"""
import socket
import ssl
import sys
import threading

roots, chain, key = sys.argv[1:4]


def context(**settings):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    made.load_cert_chain(chain, key)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


V = ssl.TLSVersion
strict12 = context(minimum_version=V.TLSv1_2, maximum_version=V.TLSv1_2)
strict13 = context(minimum_version=V.TLSv1_3)
for each in (strict12, strict13):
    each.load_verify_locations(roots)
    each.verify_mode = ssl.CERT_REQUIRED
named = context(maximum_version=V.TLSv1_2)
named.sni_callback = lambda _socket, name, _context: (
    None if name == "mail.northwind.example" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
)
narrow = context(maximum_version=V.TLSv1_2)
narrow.set_ciphers("ECDHE-RSA-CHACHA20-POLY1305")
old = context(minimum_version=V.TLSv1, maximum_version=V.TLSv1_1)

CONTEXTS = {
    "10.99.0.75": strict12,
    "10.99.0.76": strict13,
    "10.99.0.77": named,
    "10.99.0.78": narrow,
    "10.99.0.79": old,
}


def serve(connection, tls):
    def lines(stream):
        held = b""
        while data := stream.recv(4096):
            held += data
            while b"\r\n" in held:
                line, held = held.split(b"\r\n", 1)
                yield line.upper()

    def converse(stream, offer):
        for line in lines(stream):
            if line.startswith(b"EHLO"):
                stream.sendall(b"250-strict.northwind.example\r\n" + (b"250-STARTTLS\r\n" if offer else b"") + b"250 8BITMIME\r\n")
            elif line == b"STARTTLS" and offer:
                stream.sendall(b"220 2.0.0 Ready to start TLS\r\n")
                return True
            elif line == b"QUIT":
                stream.sendall(b"221 2.0.0 Bye\r\n")
                return False
            else:
                stream.sendall(b"250 2.0.0 Ok\r\n")
        return False

    try:
        connection.settimeout(10)
        connection.sendall(b"220 strict.northwind.example ESMTP\r\n")
        if converse(connection, True):
            with tls.wrap_socket(connection, server_side=True) as protected:
                converse(protected, False)
    except OSError as problem:  # ssl.SSLError is one: the alert has been sent
        print(problem, file=sys.stderr)
    finally:
        connection.close()


def listen(address, tls):
    server = socket.create_server((address, 25))
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, tls), daemon=True).start()


for address, tls in CONTEXTS.items():
    threading.Thread(target=listen, args=(address, tls), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
