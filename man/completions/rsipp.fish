complete -c rsipp -o sf -d 'Play the scenario in this XML file' -r -F
complete -c rsipp -o sn -d 'Play a built-in scenario: uac (client), uas (server), others [default: uac]' -r -f -a "uac\t''
uas\t''
regexp\t''
branchc\t''
branchs\t''
ooc_default\t''
ooc_dummy\t''
invite_cancel\t''"
complete -c rsipp -o sd -d 'Print a built-in scenario and exit' -r -f -a "uac\t''
uas\t''
regexp\t''
branchc\t''
branchs\t''
ooc_default\t''
ooc_dummy\t''
invite_cancel\t''"
complete -c rsipp -o oocsf -d 'Answer requests that belong to no call with the scenario in this XML file' -r -F
complete -c rsipp -o oocsn -d 'The same with a built-in scenario, such as ooc_default, which answers all of them with 200' -r -f
complete -c rsipp -o rxsf -d 'Call and be called: messages of unknown calls open calls of the scenario in this XML file' -r -F
complete -c rsipp -o rxsn -d 'The same with a built-in scenario, such as uas' -r -f
complete -c rsipp -o rxrn -d 'Another name of -rxsn' -r -f
complete -c rsipp -o peer_sf -d 'Let this process also play the other side, from this XML file' -r -F
complete -c rsipp -o peer_sn -d 'Let this process also play the other side: a built-in scenario, such as uas' -r -f -a "uac\t''
uas\t''
regexp\t''
branchc\t''
branchs\t''
ooc_default\t''
ooc_dummy\t''
invite_cancel\t''"
complete -c rsipp -o inf -d 'Injection file: a line of values for each call, read as [fieldN]' -r -F
complete -c rsipp -o rxinf -d 'Injection file that is the default file of the -rxsf scenario' -r -F
complete -c rsipp -o infindex -d 'Index an injection file on a field, for the lookup action' -r -F
complete -c rsipp -o key -d 'Put this text wherever the scenario says [NAME]' -r -f
complete -c rsipp -o set -d 'Give a global variable of the scenario its first value' -r -f
complete -c rsipp -o dynamicStart -d 'First value of [dynamic_id] [default: 10000]' -r -f
complete -c rsipp -o dynamicMax -d 'Largest value of [dynamic_id]; then comes the first again [default: 12000]' -r -f
complete -c rsipp -o dynamicStep -d 'From one value of [dynamic_id] to the next [default: 4]' -r -f
complete -c rsipp -o tdmmap -d 'Give each call a free circuit of a TDM gateway, written [tdmmap]' -r -f
complete -c rsipp -o allow -d 'Let -check pass over a lint' -r -f -a "cancel-branch\t''
branch-reuse\t''
no-peer-tag\t''
routes-without-rrs\t''
next-url-without-contact\t''
last-before-received\t''
dead-timeout\t''
fast-answer\t''
provisional-mandatory\t''
unreachable-step\t''
unused-label\t''
no-length\t''
wrong-length\t''
body-indent\t''
mixed-indent\t''
empty-header\t''
doubled-header\t''
never-set\t''
never-read\t''"
complete -c rsipp -s r -d 'New calls per rate period (-rp) [default: 10]' -r -f
complete -c rsipp -o rp -d 'Rate period, in ms or with a unit [default: 1000]' -r -f
complete -c rsipp -s m -d 'Stop when this many calls were made and have ended [default: never]' -r -f
complete -c rsipp -s l -d 'Most calls open at a time [default: 3 s of calls, or more for long pauses]' -r -f
complete -c rsipp -o users -d 'Keep exactly this many calls open, instead of a rate' -r -f
complete -c rsipp -o rate_scale -d 'What one step of the keys + and - is worth; * and / make ten [default: 1]' -r -f
complete -c rsipp -o rate_increase -d 'Add so many calls per rate period every -rate_interval [default: 0]' -r -f
complete -c rsipp -o rate_interval -d 'Time from one -rate_increase to the next, in seconds or with a unit [default: that of -fd]' -r -f
complete -c rsipp -o rate_max -d 'Highest rate that -rate_increase leads to, 0 is none [default: 0]' -r -f
complete -c rsipp -s s -d '[service], the user part of the called address [default: service]' -r -f
complete -c rsipp -o au -d 'User name for [authentication]; the text of -s unless given' -r -f
complete -c rsipp -o ap -d 'Password for [authentication]; password unless given' -r -f
complete -c rsipp -o auth_uri -d 'URI of digest credentials, without sip:; else address and port of the target' -r -f
complete -c rsipp -s d -d 'Length of a <pause> without one, in ms or with a unit [default: 0]' -r -f
complete -c rsipp -o cid_type -d 'Kind of the Call-ID of outgoing calls: default, uuid, uuid-compact, random, timestamp [default: default]' -r -f -a "default\t''
format\t''
legacy\t''
uuid\t''
uuid-compact\t''
uuidcompact\t''
uuid32\t''
random\t''
random-hex\t''
timestamp\t''
time\t''"
complete -c rsipp -o cid_str -d 'Call-ID of outgoing calls, with %u, %p, %s, %r and %% [default: %u-%p@%s]' -r -f
complete -c rsipp -o base_cseq -d '[cseq] of the first request of a call [default: 1]' -r -f
complete -c rsipp -o default_behaviors -d 'What is done without being in the scenario: all, none, bye, abortunexp, pingreply, cseq [default: all]' -r -f -a "all\t''
none\t''
bye\t''
abortunexp\t''
pingreply\t''
cseq\t''"
complete -c rsipp -o deadcall_wait -d 'How long an ended call is remembered, in ms or with a unit [default: 33000]' -r -f
complete -c rsipp -o recv_timeout -d 'Fail a call that waits longer for a message, in ms [default: 0]' -r -f
complete -c rsipp -o send_timeout -d 'Fail a call whose connection takes no more for longer, in ms [default: 0]' -r -f
complete -c rsipp -o timeout -d 'End the test after this time, in seconds or with a unit [default: 0]' -r -f
complete -c rsipp -o max_retrans -d 'Most UDP retransmissions of any message [default: 9]' -r -f
complete -c rsipp -o max_invite_retrans -d 'Most UDP retransmissions of an INVITE [default: 5]' -r -f
complete -c rsipp -o max_non_invite_retrans -d 'Most UDP retransmissions of any other message [default: 9]' -r -f
complete -c rsipp -o T2 -d 'Longest time between retransmissions of a request other than INVITE [default: 4000]' -r -f
complete -c rsipp -o rtcheck -d 'What makes a received message a repeat: full or loose [default: full]' -r -f
complete -c rsipp -o lost -d 'Drop so many of the messages sent and received, in percent, on purpose [default: 0]' -r -f
complete -c rsipp -s t -d 'Transport and sockets: u1 un ui, t1 tn, l1 ln, w1 wn, ws1 wsn [default: u1]' -r -f -a "u1\t''
un\t''
ui\t''
t1\t''
tn\t''
l1\t''
ln\t''
w1\t''
wn\t''
ws1\t''
wsn\t''
u1\,t1\t''"
complete -c rsipp -s i -d 'Local address to bind to, [local_ip] [default: that of the route]' -r -f
complete -c rsipp -s p -d 'Local SIP port; 0 is the first free one of 5060 to 5119 [default: 0]' -r -f
complete -c rsipp -o bind_to_device -d 'Send and take SIP packets on this network device only' -r -f
complete -c rsipp -o ci -d 'Address of the UDP remote control [default: every address of this host]' -r -f
complete -c rsipp -o cp -d 'Port of the UDP remote control; 0 is the first free one of 8888 to 8947 [default: 0]' -r -f
complete -c rsipp -o mi -d 'Address of media, [media_ip] [default: the local address]' -r -f
complete -c rsipp -o mp -d 'Port of media, [media_port] [default: 6000]' -r -f
complete -c rsipp -o min_rtp_port -d 'The same as -mp [default: 6000]' -r -f
complete -c rsipp -o rsa -d 'Send to this address instead of the remote host, as through a proxy' -r -f
complete -c rsipp -o srv_server -d 'The name server for -srv, which this option implies [default: the system\'s]' -r -f
complete -c rsipp -o buff_size -d 'Socket buffers, each way [default: as large as the system allows]' -r -f
complete -c rsipp -o sendbuffer_warn -d 'true: a message of our own accord (ACK, BYE, CANCEL, 200) that cannot be sent ends the test [default: false]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o max_socket -d 'Most sockets of calls with -t un, tn, ln, wn; further calls share them [default: 50000]' -r -f
complete -c rsipp -o ip_field -d 'Field of the first injection file that holds the local address, with -t ui [default: 0]' -r -f
complete -c rsipp -o max_reconnect -d 'How often lost connections may be opened again in all; -1 is without end [default: 0]' -r -f
complete -c rsipp -o reconnect_close -d 'Calls fail with their connection [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o reconnect_sleep -d 'How long to wait before opening a lost connection again, in ms or with a unit [default: 1000]' -r -f
complete -c rsipp -o ws_path -d 'Path that a WebSocket client asks for (-t w1, wn, ws1, wsn) [default: /]' -r -f
complete -c rsipp -o tls_cert -d 'Certificate of both roles, in PEM form, with its chain if it has one [default: cacert.pem]' -r -F
complete -c rsipp -o tls_key -d 'Private key of -tls_cert, in PEM form [default: cakey.pem]' -r -F
complete -c rsipp -o tls_ca -d 'Trusted certificates; the other side must present one of theirs' -r -F
complete -c rsipp -o tls_crl -d 'List of revoked certificates, exactly one' -r -F
complete -c rsipp -o tls_version -d '1.2 or 1.3 and no other [default: the newest that both sides have]' -r -f
complete -c rsipp -o message_file -d 'Another name for the file of -trace_msg' -r -F
complete -c rsipp -o message_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o error_file -d 'Another name for the file of -trace_err' -r -F
complete -c rsipp -o error_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o log_file -d 'Another name for the file of -trace_logs' -r -F
complete -c rsipp -o log_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o shortmessage_file -d 'Another name for the file of -trace_shortmsg' -r -F
complete -c rsipp -o shortmessage_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o calldebug_file -d 'Another name for the file of -trace_calldebug' -r -F
complete -c rsipp -o calldebug_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o screen_file -d 'Another name for the file of -trace_screen' -r -F
complete -c rsipp -o screen_overwrite -d 'Begin that file anew; false appends to it [default: true]' -r -f -a "true\t''
false\t''"
complete -c rsipp -o ringbuffer_size -d 'Rename a log that is larger than this, and begin a new one; 0: never [default: 0]' -r -f
complete -c rsipp -o ringbuffer_files -d 'How many old logs of each kind are kept [default: 0]' -r -f
complete -c rsipp -o max_log_size -d 'Close a log that is larger than this for good; 0: never [default: 0]' -r -f
complete -c rsipp -o stf -d 'Another name for the file of -trace_stat' -r -F
complete -c rsipp -o rtt_freq -d 'How many response times are written at a time [default: 200]' -r -f
complete -c rsipp -o fd -d 'Time between two rows of the statistics files, in s or with a unit [default: 60]' -r -f
complete -c rsipp -o stat_delimiter -d 'What stands between two fields of the statistics files [default: ;]' -r -f
complete -c rsipp -s f -d 'Time from one drawing of the screens, and one of their periods, to the next, in s or with a unit [default: 1]' -r -f
complete -c rsipp -o json -d 'Write the results of the run to a JSON file' -r -F
complete -c rsipp -o junit -d 'Write the results of the run to a JUnit XML file' -r -F
complete -c rsipp -o html -d 'Write the results of the run to an HTML page' -r -F
complete -c rsipp -o prometheus -d 'Serve metrics at http://ADDR:PORT/metrics while the run goes on' -r -f
complete -c rsipp -o expect -d 'Fail the run (exit status 1) unless the condition is true at its end' -r -f
complete -c rsipp -o fail_on_lag -d 'Fail the run (exit status 1) if 1 call in 100 started later than this' -r -f
complete -c rsipp -o sleep -d 'Wait before opening sockets, in seconds or with a unit [default: 0]' -r -f
complete -c rsipp -o timer_resol -d 'Accepted as SIPp\'s resolution of timers; here they are always exact to 1 ms [default: 1]' -r -f
complete -c rsipp -o max_recv_loops -d 'Messages received before timers get their turn [default: 1000]' -r -f
complete -c rsipp -o max_sched_loops -d 'Steps that a call may run without waiting before others get their turn [default: 1000]' -r -f
complete -c rsipp -o workers -d 'Threads that the calls are shared out to (ours) [default: 1]' -r -f
complete -c rsipp -o watchdog_interval -d 'How often the watchdog looks whether the program still gets its turn; 0 is never [default: 400]' -r -f
complete -c rsipp -o watchdog_reset -d 'Time without a trip after which the trips are forgotten; 0 is never [default: 600000]' -r -f
complete -c rsipp -o watchdog_minor_threshold -d 'More than this between two looks is a minor trip [default: 500]' -r -f
complete -c rsipp -o watchdog_major_threshold -d 'More than this between two looks is a major trip [default: 3000]' -r -f
complete -c rsipp -o watchdog_minor_maxtriggers -d 'Minor trips that are allowed; -1 is any number [default: 120]' -r -f
complete -c rsipp -o watchdog_major_maxtriggers -d 'Major trips that are allowed; -1 is any number [default: 10]' -r -f
complete -c rsipp -o check -d 'Look for mistakes in the scenarios and injection files; run nothing'
complete -c rsipp -o no_rate_quit -d 'Go on at -rate_max instead of ending the test'
complete -c rsipp -o nd -d 'The same as -default_behaviors none'
complete -c rsipp -o aa -d 'Answer unexpected INFO, NOTIFY, OPTIONS and UPDATE with 200'
complete -c rsipp -o pause_msg_ign -d 'Drop messages that come for a call in a <pause>'
complete -c rsipp -o callid_slash_ign -d 'Take /// in a received Call-ID for a part of it'
complete -c rsipp -o timeout_error -d 'Reaching -timeout is a fatal error (exit status 255)'
complete -c rsipp -o nr -d 'No retransmission over UDP'
complete -c rsipp -o bind_local -d 'Take packets on the local address only, also without -i'
complete -c rsipp -o srv -d 'Locate the remote host in the DNS by its NAPTR and SRV records (RFC 3263)'
complete -c rsipp -o no_gso -d 'Hand each UDP datagram to the system by itself, however many there are'
complete -c rsipp -o tls_verify -d 'Demand that the server\'s certificate is trusted and made out to the remote host'
complete -c rsipp -o tls_no_resume -d 'Shake hands in full on every connection: no session is resumed'
complete -c rsipp -o trace_msg -d 'Log every message to <scenario>_<pid>_messages.log'
complete -c rsipp -o trace_err -d 'Log errors and warnings to <scenario>_<pid>_errors.log'
complete -c rsipp -o trace_logs -d 'Write what <log> actions say to <scenario>_<pid>_logs.log'
complete -c rsipp -o trace_shortmsg -d 'Log a line for every message to <scenario>_<pid>_shortmessages.log'
complete -c rsipp -o trace_calldebug -d 'Log what happened to each aborted call to <scenario>_<pid>_calldebug.log'
complete -c rsipp -o trace_screen -d 'Write the screens to <scenario>_<pid>_screen.log at the end and on SIGUSR2'
complete -c rsipp -o rfc3339 -d 'Time stamps as 2026-11-21T23:56:48.474842Z, those of [timestamp] too'
complete -c rsipp -o trace_stat -d 'Write call statistics to <scenario>_<pid>_.csv'
complete -c rsipp -o trace_counts -d 'Write the counts of every message to <scenario>_<pid>_counts.csv'
complete -c rsipp -o trace_error_codes -d 'Write the codes of unexpected responses to <scenario>_<pid>_error_codes.csv'
complete -c rsipp -o trace_rtt -d 'Write every response time to <scenario>_<pid>_rtt.csv'
complete -c rsipp -o periodic_rtd -d 'Begin the repartitions anew with every row of the statistics files'
complete -c rsipp -o bg -d 'Go on in the background: print the process id and exit with 99'
complete -c rsipp -o nostdin -d 'Do not touch standard input: no keys'
complete -c rsipp -o skip_rlimit -d 'Do not look at the limit of open files (ulimit -n)'
complete -c rsipp -s h -d 'Print the options of every day'
complete -c rsipp -o help -d 'Print all options, with all there is to say about each'
complete -c rsipp -s v -d 'Print the version'
