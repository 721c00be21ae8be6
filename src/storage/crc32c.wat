;; Folds the bytes of a CRC-32C for src/storage/crc32c-folding.ts: in the arithmetic of this checksum, a block of 16 bytes may be
;; added (xor) to the blocks that are 65, 155, 170, 195 and 209 blocks later, and then count as zero, because
;;   x^209 = x^144 + x^54 + x^39 + x^14 + 1   modulo its polynomial,
;; and so the same with x^128, a block, in place of x. No other sum of so few powers is as short.
(module
  (memory (export "memory") 4)
  ;; To each block that begins 3344 bytes (209 blocks) after an address from $at up to $end, adds the five earlier ones.
  (func (export "fold") (param $at i32) (param $end i32)
    (loop $next
      (v128.store offset=3344 (local.get $at)
        (v128.xor
          (v128.xor
            (v128.xor
              (v128.load offset=3344 (local.get $at))
              (v128.load offset=2304 (local.get $at)))
            (v128.xor
              (v128.load offset=864 (local.get $at))
              (v128.load offset=624 (local.get $at))))
          (v128.xor
            (v128.load offset=224 (local.get $at))
            (v128.load (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))))
