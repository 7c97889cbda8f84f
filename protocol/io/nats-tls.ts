// Whether what is said to a NATS server is encrypted: always where its address begins with tls://. The client by itself takes
// what the server offers, and would be content with one that offers nothing, or with somebody in between who says so.
//
// The server's certificate has to come from an authority that Node trusts (NODE_EXTRA_CA_CERTS names one more), and to name the
// host, or SERVERS_NAME: the client learns of a cluster's other servers by their addresses alone, and looks at no address.

import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { type ConnectionOptions, ErrorCode } from 'nats'

/** In the certificate of each server of a cluster. No public authority signs a name below `.internal`, which ICANN keeps for private use. */
export const SERVERS_NAME = 'tandem-nats.internal'

/** The client hands these on to `tls.connect`, whose options have more than its type says. */
type TlsOptions = NonNullable<ConnectionOptions['tls']> & { readonly checkServerIdentity: typeof checkServerIdentity }

export function encryptionOf(url: string): Pick<ConnectionOptions, 'tls'> {
  const tls: TlsOptions = { checkServerIdentity: checkServer }
  return url.startsWith('tls://') ? { tls } : {}
}

function checkServer(host: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(SERVERS_NAME, certificate) === undefined
    ? undefined
    : checkServerIdentity(host, certificate)
}

/** What to do about a connection that failed for want of encryption or of trust; undefined: it failed for something else. */
export function tlsRemedy(error: unknown): string | undefined {
  const { code = '' } = error as { readonly code?: string }
  if (code === ErrorCode.ServerOptionNotAvailable)
    return 'It does not encrypt, and tls:// asks for that: give it a tls block.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `Its certificate names another host, and not ${SERVERS_NAME}: ./tandem certificates makes one that does.`
  }
  if (/CERT|SIGNATURE|ISSUER/.test(code))
    return 'Name the authority that signed its certificate: NODE_EXTRA_CA_CERTS=FILE.'
  return undefined
}
