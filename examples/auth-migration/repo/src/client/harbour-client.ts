import type { Invoice, Order } from '../store.ts';

/** What the warehouse's own tools use to talk to Harbour. */
export interface HarbourClient {
  listOrders(): Promise<Order[]>;
  placeOrder(order: NewOrder): Promise<Order>;
  listInvoices(): Promise<Invoice[]>;
}

export type NewOrder = Pick<Order, 'vessel' | 'article' | 'quantity' | 'price'>;

/** Signs in once, for all that the client does from then on. */
export async function connect(baseUrl: string, name: string, accessKey: string): Promise<HarbourClient> {
  const signedIn = await post(`${baseUrl}/sessions`, { name, accessKey }, {});
  const cookie = readCookie(signedIn);
  const credentials = { cookie };

  return {
    async listOrders() {
      return (await get(`${baseUrl}/orders`, credentials)).orders;
    },
    async placeOrder(order) {
      return parse(await post(`${baseUrl}/orders`, order, credentials));
    },
    async listInvoices() {
      return (await get(`${baseUrl}/invoices`, credentials)).invoices;
    },
  };
}

/** The session cookie without its attributes. */
function readCookie(reply: Response): string {
  const [cookie = ''] = reply.headers.getSetCookie();
  return cookie.split(';')[0];
}

async function get(url: string, headers: Record<string, string>): Promise<any> {
  return parse(await accepted(await fetch(url, { headers })));
}

async function post(url: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  return accepted(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function accepted(reply: Response): Promise<Response> {
  if (!reply.ok) throw new Error(`Harbour refused: ${reply.status} ${await reply.text()}`);
  return reply;
}

async function parse(reply: Response): Promise<any> {
  return reply.json();
}
