# SPDX-License-Identifier: Apache-2.0
# The page cache's tree grows above what it holds, more than one level at a
# time, and is then entered on both sides (as mkswap reads a file).
spawn a
mkfile /more 64M
read a /more 0 4K
read a /more 65532K 4K
read a /more 256K 4K
read a /more 32M 4K
expect /model/check 1 = ok
rm a /more
expect /model/check 1 = ok
