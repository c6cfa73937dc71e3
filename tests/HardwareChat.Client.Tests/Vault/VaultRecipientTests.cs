using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;
using HardwareChat.Wire;

namespace HardwareChat.Client.Tests;

/// <summary>Who opens a vault: each of the person's tokens, the code on paper, and nobody else.</summary>
public sealed class VaultRecipientTests : IDisposable
{
    private readonly VaultFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulated_token_opens_the_vault_with_its_pin_and_is_not_asked_again()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var root = SimulatedAttestationRoot.Create(DateTimeOffset.UtcNow);
        using var card = SimulatedCard.Create(FirmwareProfile.Firmware57, 12345678, root, new AutomaticTouch());
        await using PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card), null, cancel);
        PivPublicKey signing = await token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault, cancel);
        PivPublicKey agreement = await token.GenerateAsync(PivSlot.KeyManagement, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault, cancel);
        TokenId id = TokenId.OfSpki(signing.SubjectPublicKeyInfo.Span);
        using (Vault vault = Vault.Create(_folder.Path, [VaultRecipient.Token(id, agreement, "blue key")]))
        {
            vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
            vault.Close();
        }

        using LockedVault locked = LockedVault.Open(_folder.Path);
        Assert.Equal("blue key", Assert.Single(locked.Wrappings).Label);
        using Pin pin = Pin.Create("123456"u8);
        using Vault again = await locked.UnlockAsync(token, id, pin, cancellationToken: cancel);
        card.Remove();
        Assert.Equal("dark", again.Read(transaction => transaction.Settings.FindText("theme")));
        again.Write(transaction => transaction.Settings.PutText("theme", "light"));
        again.Close();
    }

    [Fact]
    public void Every_curve_that_the_registry_takes_for_9D_wraps()
    {
        using var p384 = new AgreementKey(ECCurve.NamedCurves.nistP384);
        _folder.Create(p384.Recipient).Dispose();
        using LockedVault locked = LockedVault.Open(_folder.Path);
        byte[] agreed = p384.Agree(locked.FindWrapping(p384.Id)!.Ephemeral);
        locked.Unlock(p384.Id, agreed).Dispose();
    }

    [Fact]
    public void Strange_token_does_not_open_it_and_the_right_one_still_does()
    {
        _folder.Create().Dispose();
        using var stranger = new AgreementKey();
        using LockedVault locked = LockedVault.Open(_folder.Path);
        Assert.Null(locked.FindWrapping(stranger.Id));
        PivPublicKey ephemeral = locked.FindWrapping(_folder.Token.Id)!.Ephemeral;
        Assert.Equal(VaultFault.WrongKey, Assert.Throws<VaultException>(() => locked.Unlock(stranger.Id, stranger.Agree(ephemeral))).Fault);
        Assert.Equal(VaultFault.WrongKey, Assert.Throws<VaultException>(() => locked.Unlock(_folder.Token.Id, stranger.Agree(ephemeral))).Fault);
        using RecoveryCode code = RecoveryCode.Create();
        Assert.Equal(VaultFault.WrongKey, Assert.Throws<VaultException>(() => locked.Unlock(code)).Fault);
        locked.Unlock(_folder.Token.Id, _folder.Token.Agree(ephemeral)).Dispose();
    }

    [Fact]
    public void Wrapping_moved_from_another_vault_does_not_open_it()
    {
        _folder.Create().Dispose();
        using var other = new VaultFolder();
        Vault.Create(other.Path, [_folder.Token.Recipient]).Dispose();
        _folder.Tamper($"ATTACH '{other.Path}' AS other; DELETE FROM wrapping; INSERT INTO wrapping SELECT * FROM other.wrapping");
        using LockedVault locked = LockedVault.Open(_folder.Path);
        Assert.Null(locked.FindWrapping(_folder.Token.Id));
    }

    [Fact]
    public void Code_on_paper_opens_it_as_it_is_read_from_paper()
    {
        using RecoveryCode code = RecoveryCode.Create();
        string paper = code.Format();
        _folder.Create(VaultRecipient.Recovery(code, "paper")).Dispose();
        using RecoveryCode typed = RecoveryCode.Parse(paper.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        using LockedVault locked = LockedVault.Open(_folder.Path);
        locked.Unlock(typed).Dispose();
        Assert.Throws<DecodeException>(() => RecoveryCode.Parse(paper[..^1] + (paper[^1] == '0' ? '1' : '0')));
        Assert.Equal("(secret)", code.ToString());
    }

    [Fact]
    public void Added_token_opens_what_was_there_before()
    {
        using var second = new AgreementKey();
        using (Vault vault = _folder.Create())
        {
            vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
            vault.AddRecipient(second.Recipient);
            Assert.Equal(2, vault.Recipients().Count);
            vault.AddRecipient(second.Recipient);
            Assert.Equal(2, vault.Recipients().Count);
            vault.Close();
        }

        using LockedVault locked = LockedVault.Open(_folder.Path);
        Assert.Equal(2, locked.Wrappings.Count);
        using Vault again = locked.Unlock(second.Id, second.Agree(locked.FindWrapping(second.Id)!.Ephemeral));
        Assert.Equal("dark", again.Read(transaction => transaction.Settings.FindText("theme")));
    }

    [Fact]
    public void Revoked_token_opens_nothing_of_the_file_even_with_the_old_key()
    {
        RoomId room = VaultFolder.Room(1);
        using var lost = new AgreementKey();
        using RecoveryCode paper = RecoveryCode.Create();
        using (Vault vault = _folder.Create(lost.Recipient, VaultRecipient.Recovery(paper)))
        {
            vault.Write(transaction =>
            {
                for (ulong sequence = 1; sequence <= 1200; sequence++)
                    transaction.Messages.Put(VaultFolder.Message(room, sequence, $"word{sequence}"));
            });
            vault.Close();
        }

        string oldFile = _folder.Beside("old");
        File.Copy(_folder.Path, oldFile);
        using (Vault vault = _folder.Open())
        {
            vault.Rekey([.. vault.Recipients().Where(recipient => recipient.Id != lost.Id.Value)]);
            vault.Write(transaction => transaction.Messages.Put(VaultFolder.Message(room, 1201, "after")));
            Assert.Equal(1200UL, Assert.Single(vault.Search("word1200")).Sequence);
            vault.Close();
        }

        using (LockedVault locked = LockedVault.Open(_folder.Path))
        {
            Assert.Equal(2, locked.Wrappings.Count);
            Assert.Null(locked.FindWrapping(lost.Id));
            using Vault vault = locked.Unlock(paper);
            Assert.Equal(1201, vault.Read(transaction => transaction.Messages.Count()));
            Assert.Equal(1201UL, vault.Read(transaction => transaction.Messages.Last(room))!.Sequence);
        }

        // The old file's wrappings and header in the new file: whoever still has the old key reads no row of it.
        _folder.Tamper($"ATTACH '{oldFile}' AS old; DELETE FROM wrapping; INSERT INTO wrapping SELECT * FROM old.wrapping; DELETE FROM header; INSERT INTO header SELECT * FROM old.header");
        using LockedVault forged = LockedVault.Open(_folder.Path);
        byte[] agreed = lost.Agree(forged.FindWrapping(lost.Id)!.Ephemeral);
        Assert.Equal(VaultFault.Damaged, Assert.Throws<VaultException>(() => forged.Unlock(lost.Id, agreed)).Fault);
    }

    [Fact]
    public void Vault_that_nobody_could_open_is_not_made()
    {
        Assert.Throws<ArgumentException>(() => Vault.Create(_folder.Path, []));
        Assert.Throws<ArgumentException>(() => Vault.Create(_folder.Path, [_folder.Token.Recipient, _folder.Token.Recipient]));
        using Vault vault = _folder.Create();
        Assert.Throws<ArgumentException>(() => vault.Rekey([]));
    }
}
