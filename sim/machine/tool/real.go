package tool

import "strings"

// realPrograms are the programs of an Ubuntu 22.04 server, and those that people
// commonly install there, in alphabetical order.
const realPrograms = `
ab ack acpi add-apt-repository addgroup addpart adduser agetty ansible apport-bug apport-cli apropos apt-add-repository apt-cache apt-cdrom apt-config
apt-extracttemplates apt-ftparchive apt-key apt-mark apt-sortpkgs ar as aspell at atd atop aws azcopy b2sum badblocks base32 basenc bc blkid blkdiscard blockdev bpftrace
bridge brotli btop btrfs busctl busybox byobu bunzip2 bzcat bzdiff bzgrep bzip2 bzless bzmore c++ cargo cc certbot cfdisk chage chattr chcon chcpu chfn chgpasswd chgrp chpasswd
chroot chrt chsh chvt cksum cloud-id cloud-init cmake code col colcrt colrm column comm composer conda containerd corelist cpio cpp cron crontab cryptsetup csplit ctr curl-config
dash dbus-send dc dd deallocvt deb-systemd-helper debconf debconf-show debugfs delgroup delpart deluser depmod devlink dhclient dialog dig dir dircolors dirmngr dmesg dmsetup dnf
dnsdomainname do-release-upgrade docker docker-compose domainname dos2unix dotnet dpkg dpkg-deb dpkg-divert dpkg-query dpkg-reconfigure dpkg-split dumpe2fs e2fsck eject emacs
envsubst eqn ethtool ex expand expect expr factor faillock fallocate fakeroot fc-list fdisk ffmpeg file fincore findfs findmnt finger fio firewall-cmd flock fmt free fsck fsfreeze fstrim
ftp fuser fusermount fwupdmgr g++ gawk gcc gcloud gdb gdisk gem getcap getconf getent getfacl getopt gettext getty gh ghc git go gofmt gpasswd gpg gpgv gprof gradle groff growpart groupadd groupdel groupmod
grpck grub-install grub-mkconfig gzip gunzip gzexe halt hdparm helm hexdump host hostid hostnamectl htop httpd httpie hwclock iconv ifconfig ifdown iftop ifup inotifywait infocmp init insmod install
ionice iostat iotop ip ip6tables ipcmk ipcrm ipcs iperf iperf3 iptables iptables-save irb irqbalance ischroot iscsiadm java javac jarsigner join journalctl k3s kbd_mode kernel-install keyctl kill kind kmod kpartx kubectl
kubelet last lastb lastlog ld ldattach ldconfig ldd lessecho lessfile lesspipe lex link linux-version loadkeys locale locale-gen localectl localedef locate logger login loginctl logname logrotate look losetup lp lpr
lsattr lsb_release lsblk lscpu lshw lsinitramfs lsipc lslocks lslogins lsmem lsmod lsns lsof lspci lspgpot lsusb ltrace lvcreate lvdisplay lvm lvs lxc lxd lynx lz4 lzcat lzma m4 mailq make makeinfo man-db manpath mapscrn mariadb mawk
mcookie mdadm memusage merge mesg micro microk8s mii-tool minikube mkfifo mkfs mkhomedir_helper mkinitramfs mknod mkpasswd mkswap modinfo modprobe mokutil mongo mongosh monit mosh mount mountpoint mpstat mtr multipass mvn mysql mysqldump namei nawk nc ncal ncat ncdu
neofetch netcat netplan netstat newgrp newusers nft nginx nice ninja nm nmap nmcli node nodejs nohup npm npx nproc nscd nsenter nslookup ntfsfix ntpdate numactl numfmt nvidia-smi nvim objcopy objdump od open openssl openvpn openvt pacman
parted partprobe partx passwd patch pathchk pdb3 pear perf perl perldoc pg_dump pgrep php pico pidof pinentry ping ping6 pinky pip pip3 pipx pivot_root pkaction pkcheck pkexec pkg-config pkill pldd plymouth pmap podman poweroff pr
prename procan prtstat psfaddtable psql pstree ptx purge-old-kernels pv pvcreate pvs pwck pwconv pwdx pwgen pwsh pygmentize pyenv quota ranlib rbash rclone rdma readelf reboot redis-cli redis-server rename renice rescan-scsi-bus.sh reset
resize resize2fs resizepart resolvectl rfkill rg rgrep rmmod rmt rnano route rpcinfo rpm rrsync rsync rsyslogd rtcwake ruby run-one run-parts runc runcon runlevel runuser rust-gdb rustc rustup rview rvim sa-learn sadf sar savelog scala screen script scriptreplay sdiff
select-editor sendmail sensible-editor sensible-pager service setarch setcap setfacl setfont setpci setpriv setsid setterm setupcon sfdisk sg sg_scan shasum shred shuf shutdown size skill slabtop slogin snap snapctl snice socat sos sosreport split sqlite3 sqlcmd ss sshd ssh-import-id ssh-keyscan sshfs
stdbuf strace strings strip stress stty su subversion sulogin sum svn swapoff swapon switch_root symlinks sync sysctl systemctl systemd systemd-analyze systemd-cat systemd-cgls systemd-run systemd-tmpfiles tabs tailf tailscale talk tar taskset tc tcpdump telinit telnet terraform tftp tic time timedatectl tload tmux tnftp toe top
tput tracepath traceroute tracepath6 tree truncate tset tsort tune2fs tunelp ua ubuntu-advantage pro ubuntu-bug ucf udevadm ufw ul umount unattended-upgrade uncompress unexpand unicode_start unix2dos unlink unlzma unminimize unshare unsquashfs unxz unzip unzipsfx unzstd update-alternatives update-grub update-initramfs update-rc.d updatedb useradd userdel usermod
users utmpdump uuidparse vagrant vault vdir vgcreate vgs vi view vigr vim vim.basic vim.tiny vimdiff vimtutor vipw virsh visudo vmstat vmtoolsd volname w waagent wall watch watchgnupg wg wget whatis whereis whiptail who wipefs wireshark write xauth xdg-open xdg-user-dir xfs_repair xmllint xsltproc xsubpp xxhsum xz xzcat xzcmp xzdiff xzgrep xzless
yacc yarn yq yum zcat zcmp zdiff zdump zegrep zfgrep zforce zfs zgrep zip zipinfo zless zmore znew zpool zramctl zsh fish ksh tcsh csh zstd zstdcat zypper
`

// IsReal reports whether a program is real; a machine that lacks it says so.
func IsReal(name string) bool {
	return name != "" && !strings.ContainsAny(name, " \n") && strings.Contains(strings.ReplaceAll(realPrograms, "\n", " "), " "+name+" ")
}
