namespace HardwareChat.Client.Verification;

// A byte a word. Picked for reading aloud: known to most, no two begin with the same four letters, and no two are one letter apart.
// The list is part of the protocol between two people's clients: a word that changes, changes what one of them reads.

/// <summary>256 words to say bytes with.</summary>
public static class ComparisonWords
{
    private const string Words =
        "acorn acrobat actor admiral airport album alley almond amber anchor angel ankle antler apple apron arch arena armor "
        + "arrow artist aspen atlas attic autumn avocado badge bagel bakery balcony ballet bamboo banana banner barrel basket "
        + "beach beaver bedroom beetle bell berry bicycle bishop blanket blossom boat bonfire book border bottle boulder bowl "
        + "branch bread brick bridge broom brush bucket buffalo builder butter cabin cactus camel canal candle canoe canyon "
        + "captain caravan carpet carrot castle cavern cedar cellar cereal chain chalk cherry chess chimney cinema circus citadel "
        + "cliff clock clover coast cobbler coconut coffee comet compass copper coral cotton cougar cradle crane crayon cricket "
        + "crown crystal cube curtain cushion cyclist daisy dancer denim desert diamond dinner dolphin donkey door dragon drawer "
        + "drum duck dune eagle earring easel echo eclipse elbow elm jewel jigsaw journal jungle juniper kayak kennel kettle "
        + "kitchen kite kiwi knight knuckle koala ladder lagoon lantern laptop lemon leopard letter library lily linen lizard "
        + "lobster locket lotus lumber lunch lyric magnet mango maple marble market meadow melon mermaid meteor mirror mitten "
        + "moon mosaic muffin museum mustard napkin nectar needle nest nickel noodle nugget nutmeg oak oasis ocean octopus olive "
        + "onion orchard organ otter oyster paddle palace panther paper pasture pebble pelican pencil pepper piano pigeon pillow "
        + "pirate planet plum polar pony poppy porch potato prism pumpkin puzzle pyramid quail quartz queen quilt quiver rabbit "
        + "raccoon radio raft rainbow raven ribbon river robin rose ruby rudder sailor salmon sandal scarf school scooter seagull "
        + "shadow shell shovel silver skate sketch sled sleeve slipper smoke snail soldier spider";

    private static readonly string[] List = Words.Split(' ');

    /// <summary>The word of a byte.</summary>
    public static string Of(byte value) => List[value];
}
