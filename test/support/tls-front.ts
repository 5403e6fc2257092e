/**
 * A program for Node that takes TLS off and passes the bytes on, as the load balancer of a vendor does. Prints a line once it listens.
 * @param folder where tls.crt and tls.key are
 */
export const tlsFront = ({
  folder,
  port,
  to,
}: {
  folder: string;
  port: number;
  to: { host: string; port: number };
}): string => `
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
const tls = { cert: readFileSync('${folder}/tls.crt'), key: readFileSync('${folder}/tls.key') };
createServer(tls, (outside) => {
  const inside = connect(${to.port}, '${to.host}');
  const end = () => { outside.destroy(); inside.destroy(); };
  outside.on('error', end).on('close', end).pipe(inside);
  inside.on('error', end).on('close', end).pipe(outside);
}).listen(${port}, () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
`;
