import { parseUrl } from "../../src/go/url";

test.each([
  ["HTTP://a:1/x?y#z", "http", "a:1", "/x"],
  ["unix:sock", "unix", "", ""],
  ["https://u:p@[fe80::1%25eth0]:2", "https", "[fe80::1%25eth0]:2", ""],
  ["nope", "", "", "nope"],
  ["http:a:1", "http", "", ""],
])("%s is parsed as in Go", (text, scheme, host, path) => {
  expect(parseUrl(text)).toEqual({ scheme, host, path });
});

test.each([
  ["127.0.0.1:1", 'parse "127.0.0.1:1": first path segment in URL cannot contain colon'],
  [":1", 'parse ":1": missing protocol scheme'],
  ["http://a:b", 'parse "http://a:b": invalid port ":b" after host'],
  ["http://::1", 'parse "http://::1": invalid port "::1" after host'],
  ["http://[::1", "parse \"http://[::1\": missing ']' in host"],
  ["http://a[::1]", 'parse "http://a[::1]": invalid IP-literal'],
  ["http://a b", 'parse "http://a b": invalid character " " in host name'],
  ["http://%zz", 'parse "http://%zz": invalid URL escape "%zz"'],
  ["http://%41", 'parse "http://%41": invalid URL escape "%41"'],
  ["http://a/%zz", 'parse "http://a/%zz": invalid URL escape "%zz"'],
  ["http://a b@c", 'parse "http://a b@c": net/url: invalid userinfo'],
  ["http://a\x01", 'parse "http://a\\x01": net/url: invalid control character in URL'],
])("%s is refused with Go's error text", (text, message) => {
  expect(() => parseUrl(text)).toThrow(message);
});
