using System.Text;
using CsCheck;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>Random members at random work: whoever reads the same log ends with the same room and the same verdicts.</summary>
public sealed class RoomPropertyTests
{
    private const int Steps = 120;

    private static readonly string[] Others = ["bob", "carol", "dave", "erin", "frank"];

    [Fact]
    public void Everybody_who_reads_the_same_log_agrees_whatever_happens()
        => Gen.Int[0, int.MaxValue].Sample(seed => new Run(seed).Play(), iter: 12, threads: 1);

    // One story. All that is random comes of the seed.
    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<Device> _inside = [];
        private readonly List<(Device Device, Outgoing Outgoing)> _unanswered = [];

        public void Play()
        {
            using var world = new TestRoom(
                RoomSettings.Standard with { Door = new Door.Everybody(), Inviters = Who.Members }, null, Others);
            _inside.Add(world.Alice);
            for (int step = 0; step < Steps; step++)
            {
                world.Time += (ulong)_random.Next(30);
                Step(world, _inside[_random.Next(_inside.Count)]);
                _inside.RemoveAll(static device => device.Room.Status is RoomStatus.Evicted or RoomStatus.NotEntered);
            }

            world.SyncAll();
            _inside.RemoveAll(static device => !device.IsIn);
            Assert.Contains(world.Alice, _inside);
            world.AssertAgree([.. _inside]);
            Assert.All(_inside, static device => Assert.Null(device.Room.MustReenter));
            Assert.True(world.Alice.Room.Epoch > 5, $"the story ended in epoch {world.Alice.Room.Epoch}");
            AssertSameVerdicts(world);
        }

        private void Step(TestRoom world, Device device)
        {
            switch (_random.Next(12))
            {
                case 0 or 1:
                    device.Sync();
                    break;
                case 2:
                    Lag(device);
                    break;
                case 3 or 4 or 5 when device.Obstacle is null:
                    Send(device, device.Room.Encrypt(device.Session, Encoding.UTF8.GetBytes($"{_random.Next()}"), device.Belief));
                    break;
                case 6 when CanCommit(device):
                    Send(device, device.Room.Update(device.Session, device.Belief));
                    break;
                case 7 when CanCommit(device) && Newcomer(world) is { } added:
                    added.Touch(keyPackages: 1);
                    Invite(world, device, added);
                    break;
                case 8 when Newcomer(world) is { } knocking:
                    Enter(world, knocking);
                    break;
                case 9 when device == world.Alice && CanCommit(device) && _inside.Count > 3 && device.Room.Members.Count > 2:
                    Member gone = device.Room.Members.First(member => member.Handle != device.Handle);
                    Send(device, device.Room.Remove(device.Session, gone.Handle, null, false, device.Belief));
                    break;
                case 9 when device != world.Alice && device.Room.Status == RoomStatus.Member && _inside.Count > 3:
                    Send(device, device.Room.Leave(device.Session, device.Belief));
                    break;
                case 10 when CanCommit(device):
                    world.Time++;
                    Renew(device);
                    break;
                case 11:
                    Restart(device);
                    break;
                default:
                    SendAgain();
                    break;
            }
        }

        private static bool CanCommit(Device device) => device.Room.Status == RoomStatus.Member && !device.Room.HasPendingCommit && device.Room.Epoch > 0;

        // The answer may be lost: then the same bytes are sent again, later.
        private void Send(Device device, Outgoing outgoing)
        {
            AppendVerdict verdict = device.Send(outgoing);
            if (_random.Next(4) == 0)
                _unanswered.Add((device, outgoing));
            else
                Answer(device, outgoing, verdict.Answer);
        }

        private static void Answer(Device device, Outgoing outgoing, AppendAnswer answer)
        {
            // Refused: it was removed, and has not read so far.
            Assert.True(answer is AppendAnswer.Accepted or AppendAnswer.Duplicate or AppendAnswer.Conflict or AppendAnswer.Stale or AppendAnswer.Refused, $"{answer}");
            if (answer == AppendAnswer.Conflict && device.IsIn)
                device.Room.Discard(outgoing);
        }

        private void SendAgain()
        {
            foreach ((Device device, Outgoing outgoing) in _unanswered)
                Answer(device, outgoing, device.Send(outgoing).Answer);
            _unanswered.Clear();
        }

        private void Lag(Device device)
        {
            for (int i = _random.Next(3); i > 0 && device.IsIn && device.Room.Chain.Size < (ulong)device.Log.Entries.Count; i--)
                device.Next();
        }

        private Device? Newcomer(TestRoom world)
        {
            string[] outside = [.. Others.Where(name => !_inside.Exists(device => device.Handle.ToString() == name))];
            return outside.Length == 0 ? null : world.Device(outside[_random.Next(outside.Length)]);
        }

        private void Invite(TestRoom world, Device device, Device added)
        {
            Outgoing addition = device.Room.Add(device.Session, [added.Offer()], device.Belief);
            AppendVerdict verdict = device.Send(addition);
            Answer(device, addition, verdict.Answer);
            if (verdict.Answer != AppendAnswer.Accepted)
                return;
            added.Accept(world.Log.Welcomes.Single(welcome => welcome.Sequence == verdict.Sequence));
            _inside.Add(added);
        }

        private void Enter(TestRoom world, Device knocking)
        {
            world.Time += 1;
            knocking.Touch();
            (Room room, Outgoing knock) = knocking.Approach().Knock(knocking.Session, knocking.Belief);
            knocking.Room = room;
            AppendVerdict verdict = knocking.Send(knock);
            Assert.Equal(AppendAnswer.Accepted, verdict.Answer);
            knocking.Sync();
            _inside.Add(knocking);
        }

        private static void Renew(Device device)
        {
            Session former = device.Session;
            Session next = device.Touch();
            device.Session = former;
            Outgoing renewal = device.Room.Renew(former, next, device.Belief);
            AppendVerdict verdict = device.Send(renewal);
            Answer(device, renewal, verdict.Answer);
            device.Sync();
            if (verdict.Answer == AppendAnswer.Accepted && device.Room.Own?.Session == next.Id)
                device.Session = next;
        }

        private static void Restart(Device device)
        {
            if (device.IsIn)
                device.Restart();
        }

        // Of each entry: one verdict, whoever was in the room when it came. Who came later cannot read what was encrypted before.
        private static void AssertSameVerdicts(TestRoom world)
        {
            foreach (IGrouping<ulong, string> verdicts in world.Devices.SelectMany(static device => device.Taken).Where(IsOfMember).GroupBy(static read => read.Sequence, VerdictOf))
                Assert.Single(verdicts.Distinct());
        }

        private static bool IsOfMember(RoomEvent read)
            => read is not (RoomEvent.NotEntered or RoomEvent.Skipped { Fault.Mls: ValidationRule.EpochMatches });

        private static string VerdictOf(RoomEvent read) => read switch
        {
            RoomEvent.Content or RoomEvent.OwnContent => "content",
            RoomEvent.Applied or RoomEvent.Evicted => "applied",
            RoomEvent.Skipped skipped => $"skipped {skipped.Fault}",
            _ => read.GetType().Name,
        };
    }
}
