# A zone, a list, an event counter in a wanted state: all files agree, and
# what was injected can be undone.
inject zone 0/DMA 4M
expect /proc/zoneinfo pages.free = 1024
expect model/check 1 = ok
inject zone 0/DMA 8M
expect /proc/zoneinfo pages.free = 2048
expect model/check 1 = ok

inject list 0/active_file 20M
inject list 0/inactive_file 100M
expect /proc/meminfo Active(file) = 20480
expect /proc/meminfo Inactive(file) = 102400
expect /proc/meminfo Cached >= 122800
expect /proc/vmstat nr_active_file = 5120
expect model/check 1 = ok
# What is too much goes to the other list of its kind; clean pages of files go.
inject list 0/active_file 4M
expect /proc/meminfo Active(file) = 4096
expect /proc/meminfo Inactive(file) = 118784
inject list 0/inactive_file 90M
expect /proc/meminfo Inactive(file) = 92160
expect /proc/meminfo Active(file) = 4096
expect model/check 1 = ok

inject list 0/active_anon 16M
inject list 0/inactive_anon 8M
expect model/check 1 = ok
expect /proc/meminfo Inactive(anon) = 8192
inject list 0/unevictable 3M
expect /proc/meminfo Unevictable = 3072
expect /proc/meminfo Mlocked = 3072
expect /proc/inject/status VmLck = 3072
inject list 0/unevictable 1M
expect /proc/meminfo Mlocked = 1024
expect model/check 1 = ok

inject counter pgfault 1234567
expect /proc/vmstat pgfault = 1234567

kill inject
expect /proc/meminfo Mlocked = 0
expect model/check 1 = ok
