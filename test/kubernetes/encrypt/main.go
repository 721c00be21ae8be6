// Encrypts values as an API server does, for tests. Reads lines of JSON {provider, secret, key, value}, writes the stored value
// of each in base64.
package main

import (
	"bufio"
	"context"
	caes "crypto/aes"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/apiserver/pkg/storage/value/encrypt/aes"
	"k8s.io/apiserver/pkg/storage/value/encrypt/secretbox"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var line struct {
			Provider, Key string
			Secret, Value []byte
		}
		check(json.Unmarshal(lines.Bytes(), &line))
		out, err := transformer(line.Provider, line.Secret).
			TransformToStorage(context.Background(), line.Value, value.DefaultContext(line.Key))
		check(err)
		encoded, err := json.Marshal(out)
		check(err)
		fmt.Println(string(encoded))
	}
}

func transformer(provider string, secret []byte) value.Transformer {
	if provider == "secretbox" {
		return secretbox.NewSecretboxTransformer([32]byte(secret))
	}
	block, err := caes.NewCipher(secret)
	check(err)
	if provider == "aescbc" {
		return aes.NewCBCTransformer(block)
	}
	gcm, err := aes.NewGCMTransformer(block)
	check(err)
	return gcm
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
