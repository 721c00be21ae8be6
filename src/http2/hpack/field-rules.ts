// Which names and values a field may have. RFC 9113, sections 8.2.1 and 8.2.2, as far as grpc-go demands them: a client whose
// calls etcd serves is served here, too. So a value may begin or end with a blank, and of the fields of HTTP/1 only
// `connection` is refused. Go: golang.org/x/net/http/httpguts/httplex.go, operateHeaders in grpc's http2_server.go

const namePattern = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// eslint-disable-next-line no-control-regex -- it matches control characters; a tab is none
const badValuePattern = /[\0-\x08\n-\x1f\x7f]/;

export function isValidField(name: string, value: string): boolean {
  return namePattern.test(name) && !badValuePattern.test(value) && name !== "connection";
}
