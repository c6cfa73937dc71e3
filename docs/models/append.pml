/* The append rule of a room's log (docs/PROTOCOL.md, "Rooms"; src/HardwareChat.Protocol/Rooms/AppendRule.cs), with clients that race
 * to commit, and a relay that may crash before or after the disk write, so that an
 * acknowledgement is lost and the client sends the same bytes again.
 *
 * Checked, see README.md:
 *   (assertions)  no acknowledged entry is ever missing; no bytes stand in the log twice; every handshake was made by somebody
 *                 who had taken all handshakes before it; an application message is at most STALE handshakes behind
 *   (ltl served)  every client is served in the end, if crashes end
 *
 * Abstractions: message_hash is a number; a sequence is an index of the array `id`; what is in these arrays is on disk and survives
 * a crash; what is in a channel does not. The relay reads no MLS, so a client whose commits are invalid is a client like the others.
 */

#ifndef CLIENTS
#define CLIENTS   3
#endif
#ifndef COMMITS
#define COMMITS   1      /* commits that each client wants in the log */
#endif
#ifndef TEXTS
#define TEXTS     1      /* application messages, likewise */
#endif
#ifndef CRASHES
#define CRASHES   1      /* crashes of the relay, at any of its steps */
#endif
#define STALE     1      /* ProtocolLimits.StaleHandshakes, made small */
#define LOG       12     /* positions; more than the clients can fill */
#define NOBODY    255

/* message_hash: fresh for each message made, and it tells by whom, for what, and at which attempt. */
#define ATTEMPTS  8
#define ID(client, item, attempt) (((client) * (COMMITS + TEXTS) + (item)) * ATTEMPTS + (attempt))

mtype = { handshake, application, accepted, duplicate, conflict, stale };

/* --- On disk ----------------------------------------------------------------------------------------------------------- */
byte  size;
byte  id[LOG];           /* message_hash */
mtype kind[LOG];
byte  made[LOG];         /* `after` of the request: what its sender had taken */

/* --- On the wire: one connection a client, one request at a time ------------------------------------------------------- */
chan request[CLIENTS] = [1] of { mtype, byte, byte };   /* kind, message_hash, after */
chan answer[CLIENTS]  = [1] of { mtype, byte };         /* answer, message_hash */

byte crashes;
byte served;
bool broken[CLIENTS];    /* the connection was cut by a crash and the client has not noticed yet */

inline handshakes_since(after, count)
{
    count = 0;
    i = after;
    do
    :: i < size && kind[i] == handshake -> count++; i++
    :: i < size && kind[i] != handshake -> i++
    :: i >= size -> break
    od
}

inline find(message, found)
{
    found = NOBODY;
    i = 0;
    do
    :: i < size && id[i] == message -> assert(found == NOBODY); found = i; i++   /* never twice */
    :: i < size && id[i] != message -> i++
    :: i >= size -> break
    od
}

inline crash()
{
    crashes++;
    c = 0;
    do
    :: c < CLIENTS ->
        do :: nempty(request[c]) -> request[c]?_,_,_ :: empty(request[c]) -> break od;
        do :: nempty(answer[c]) -> answer[c]?_,_ :: empty(answer[c]) -> break od;
        broken[c] = true;
        c++
    :: c >= CLIENTS -> break
    od
}

/* Judging and writing is one step (the grain is single-threaded, the write one transaction); what can come between the write and the
 * answer is a crash, and for the client the delay of its channel. */
inline serve(n)
{
    atomic {
        request[n]?k,message,after ->
        if
        :: crashes < CRASHES -> crash()                              /* before the disk */
        :: true ->
            find(message, found);
            handshakes_since(after, count);
#ifdef WITHOUT_DUPLICATE
            found = NOBODY;
#endif
#ifdef WITHOUT_CONFLICT
            count = 0;
#endif
            if
            :: found != NOBODY                                                       -> verdict = duplicate
            :: found == NOBODY && after > size                                       -> verdict = conflict
            :: found == NOBODY && after <= size && k == handshake && count > 0       -> verdict = conflict
            :: found == NOBODY && after <= size && k == application && count > STALE -> verdict = stale
            :: else                                                                  -> verdict = accepted
            fi;
            if
            :: verdict == accepted ->
                assert(size < LOG);
                id[size] = message; kind[size] = k; made[size] = after;
                size++
            :: else
            fi;
            if
            :: crashes < CRASHES -> crash()                          /* on disk, and the acknowledgement is lost */
            :: true -> answer[n]!verdict,message
            fi
        fi;
        message = 0; verdict = 0; k = 0; after = 0; c = 0; i = 0; count = 0; found = 0
    }
}

active proctype Relay()
{
    byte c, i, message, after, count, found;
    mtype k, verdict;

end:do
    :: serve(0)
    :: serve(1)
#if CLIENTS > 2
    :: serve(2)
#endif
    od
}

/* Whether a message of this client stands in the log. */
inline check_acknowledged(message)
{
    d_step {
        find(message, found);
        assert(found != NOBODY);                                     /* acknowledged: it is there */
        handshakes_since(made[found], count);
        i = made[found];
        do
        :: i < found ->
            assert(!(kind[found] == handshake && kind[i] == handshake)); /* nobody commits over a handshake it has not taken */
            i++
        :: i >= found -> break
        od;
        count = 0;
        i = 0;
        do
        :: i < size ->
            if
            :: id[i] / ATTEMPTS == message / ATTEMPTS -> count++
            :: else
            fi;
            i++
        :: i >= size -> break
        od;
        assert(count == 1);                                          /* what was meant once is there once, however often it was sent */
        i = 0; count = 0; found = 0
    }
}

proctype Client(byte me)
{
    byte taken, message, wanted, attempt, i, count, found;
    mtype k, verdict;

    do
    :: wanted < COMMITS + TEXTS ->
        if
        :: wanted < COMMITS -> k = handshake
        :: else -> k = application
        fi;
encrypt:
        /* Read the log to its end, make the message for that position, persist its bytes. */
        atomic { assert(attempt < ATTEMPTS); taken = size; message = ID(me, wanted, attempt); attempt++ };
send:
        atomic { broken[me] = false; request[me]!k,message,taken };
        do
        :: answer[me]?verdict,found ->
            if
            :: found != message -> found = 0                         /* of an earlier attempt: wait on */
            :: else -> found = 0; break
            fi
        :: broken[me] -> goto send                                   /* the same bytes again */
        od;
        if
        :: verdict == accepted || verdict == duplicate ->
            check_acknowledged(message);
            wanted++;
            attempt = 0
        :: verdict == conflict || verdict == stale -> goto encrypt   /* and again, for the newer position */
        fi
    :: else -> break
    od;
    atomic { served++; message = 0; verdict = 0; k = 0; taken = 0 }
}

init
{
    atomic {
        run Client(0);
        run Client(1);
#if CLIENTS > 2
        run Client(2)
#endif
    }
}

/* Every client is served: crashes are bounded, and a conflict means that somebody else was served. */
ltl served { <> (served == CLIENTS) }
