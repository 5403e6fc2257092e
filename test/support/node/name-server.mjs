// A DNS server for the tests' pods, in a cluster that has none: addresses of Services, asked of the Kubernetes API each time, IPv4 only.
// node name-server.mjs <port>
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const ca = readFileSync(`${ACCOUNT}/ca.crt`);

function ask(path) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}` };
    const host = process.env.KUBERNETES_SERVICE_HOST;
    const port = process.env.KUBERNETES_SERVICE_PORT;
    request({ host, port, path, ca, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (piece) => (text += piece));
      reply.on('end', () => (reply.statusCode === 200 ? resolve(JSON.parse(text)) : resolve(undefined)));
    })
      .on('error', reject)
      .end();
  });
}

/** Addresses of `name.namespace.svc.cluster.local`; undefined when there is no such Service. */
async function addressesOf(domain) {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local$/.exec(domain) ?? [];
  if (name === undefined) return undefined;
  const service = await ask(`/api/v1/namespaces/${namespace}/services/${name}`);
  if (service === undefined) return undefined;
  if (service.spec.clusterIP !== 'None') return [service.spec.clusterIP];
  const slices = await ask(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io/service-name=${name}`,
  );
  const endpoints = (slices?.items ?? []).flatMap((slice) => slice.endpoints ?? []);
  return endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses);
}

const A = 1;

/** The question of a query: its name, its type, and where it ends. */
function questionOf(query) {
  const labels = [];
  let at = 12;
  while (query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    at += query[at] + 1;
  }
  return { domain: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function replyTo(query, { end }, addresses, code) {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | code, 2); // a reply, with authority, recursion offered
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, query.subarray(12, end), ...records]);
}

const NO_ERROR = 0;
const SERVER_FAILED = 2;
const NO_SUCH_NAME = 3;

const socket = createSocket('udp4');
socket.on('message', async (query, { address, port }) => {
  const question = questionOf(query);
  const send = (addresses, code) => socket.send(replyTo(query, question, addresses, code), port, address);
  try {
    const found = await addressesOf(question.domain);
    send(question.type === A ? (found ?? []) : [], found === undefined ? NO_SUCH_NAME : NO_ERROR);
  } catch {
    send([], SERVER_FAILED);
  }
});
socket.bind(Number(process.argv[2]));
process.on('SIGTERM', () => process.exit(0));
