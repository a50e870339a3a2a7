// Connections over TCP. One is known by the number of the operation that opens it.
export interface TcpHost {
  // Connects to host:port. What arrives comes out of the pipe reads, what goes
  // into the pipe writes is sent. Completes with the remote address.
  tcpOpen(address: string, tls: boolean, reads: number, writes: number): number;
  // An operation that completes when the connection has ended in both directions.
  tcpClosed(connection: number): number;
  // Goes on over TLS with pipes of its own, and a server name that the
  // certificate must have. Completes as tcpOpen does.
  tcpStartTls(connection: number, serverName: string, reads: number, writes: number): number;
  // Ends a connection after what was sent.
  tcpClose(connection: number): void;
}
