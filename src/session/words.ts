/**
 * The two lists of format 1, 1,024 words each. They are frozen: names that were given must be found again, so a word is
 * never changed, moved, added or taken away. Another list would be another format.
 *
 * They are in the order of the alphabet, but for the few words that stand where the examples of the documents need them.
 */
export const WORDS = {
  first: wordsOf(`
  able abundant academic accurate active actual adaptive adept adequate adjacent admirable adored advanced aerial
  affable agile agreeable airborne airy alert alive almond alpine amazed amber ambient ambitious ample amused ancient
  angelic angular animated annual antique apparent apt aquatic arctic ardent aromatic artful artistic aspiring
  assorted assured astral astute atomic attentive attuned august autumn available awake aware azure balanced balmy
  beaded beaming beloved benign bent billowy binary blazing blended blissful blithe blooming blue blushing bold bonny
  bouncy boundless bountiful boxed braided branched brass brave breezy brief bright brilliant brimming brisk broad
  bronze brown bubbly buoyant burnished buttery calm candid candied capable capital careful caring carved casual
  celestial central ceramic charmed charming chatty cheerful cheery cherished chewy chief childlike chilly chipper
  chirpy chivalrous choice chosen chromatic circular citric civic civil classic classical clean clear clement clever
  climbing close cloudless cloudy coastal cobalt cohesive coiled collected colored colorful colossal comfy comic
  compact complete complex composed concise concrete confident congenial conical connected constant content convex
  cool cordial corked corner correct cosmic courteous courtly cozy creamy creative credible crimson crinkly crisp
  crispy crowned crucial crunchy cubic cuddly cultured curious curly current curved cushioned custom cute cyan cyclic
  dainty damp dancing dapper daring dashing dawning dazzling decent deciduous decisive decorated dedicated deep deft
  delicate delighted dependable desired determined devoted dewy diagonal different digital dignified diligent
  diplomatic direct discreet distant distinct diverse divine domed domestic dotted double doubtless downy dramatic
  dreamy ducal dulcet durable dusky dutiful dynamic eager early earnest earthy eastern easy ebony eclectic ecstatic
  edible educated effective efficient elaborate elastic elated elderly electric elegant elemental elevated eligible
  eloquent elusive eminent enamel enchanted encouraged endorsed enduring energetic engaged engaging enjoyable enormous
  epic equal essential esteemed ethical eventful everyday evident evolving exalted excellent excited exciting exotic
  expanded expert explicit exploring exquisite fabled fabulous faceted factual fair faithful familiar famous fanciful
  fancy fast favorable favored favorite fearless feathered feathery fertile festive fine finished firm first fitting
  fixed flaky flattered flawless fleecy flexible floating floral flowery flowing fluent fluffy fluid flush flying
  foamy focal fond formal forthright fortunate forward fragrant free frequent fresh friendly frilly frosted frosty
  frozen frugal fruitful fruity full fun functional funny furry future fuzzy gallant gathered generous genial gentle
  genuine geometric giant gifted gilded giving glad glamorous glassy gleaming gleeful global glorious glossy glowing
  golden good gorgeous graceful gracious gradual grained grand granular grassy grateful gray great green grinning
  groovy grounded growing grown guiding gusty hallowed handmade handsome handy happy hardy harmless harmonic hazy
  healthy hearty heavenly heavy hefty helpful heraldic herbal heroic hidden high hilly historic holistic homely
  homespun honest honeyed honored hopeful horizontal hospitable hot human humble humming humorous icy ideal identical
  immense important improved inclusive incredible indoor infinite informal informed inland inner inspired instant
  intact intimate intrepid intuitive inventive inviting ionic jade jaunty jazzy jeweled jocular joint jolly jovial
  joyful joyous jubilant judicious juicy jumbo junior just keen key kind kinetic kingly knightly knitted knotted
  knowing known labeled lacquered laminated large lasting laughing laureate lavish lawful layered leading leafy
  leaning leather legal legendary legible lemony level liberal light likable likely limitless limpid linear linen
  liquid literary literate little lively living yellow lofty logical long lovable lovely loving loyal lucid lucky
  luminous lunar lush lustrous luxurious lyric lyrical magenta magic magical magnetic main majestic major manifest
  manual many marine marked marvelous massive matching mauve meadowy measured medieval medium mellow melodic melodious
  memorable merciful merry metallic methodical meticulous mighty mild milky mindful mineral miniature minty mirrored
  mirthful misty mixed mobile modal modern modest modular molten moonlit moral mossy moving musical muted mutual
  mystic mystical mythic quiet natural nautical near neat nectarine neighborly neon neutral new next nice nifty nimble
  noble nocturnal nomadic nordic normal northern notable noted nutty oaken oaten oblong observant oceanic ochre
  octagonal official open optical optimal optimistic opulent orbital orderly ordinary organic oriental original ornate
  outdoor outgoing owlish pacific painted paired pale paneled parallel passionate pastel pastoral patched patient
  peaceful peachy pearly peppery peppy perceptive perennial perfect periodic perky permanent perpetual persistent
  personal phonetic pink pivotal plaid plain planetary plaster platinum plausible playful pleasant pleased pleasing
  plentiful plucky plush poetic pointed poised polar polished polite popular portable positive postal potent powdery
  powerful practical praised precious precise preferred premier premium present pretty primary prime pristine prized
  productive proficient prominent prompt proper protected proud proven public punctual pure purple quaint quantum
  questing questionable quick national quilted quirky radiant radical rapid rare rational ready real recent receptive
  refined refreshed regal regional regular relaxed relevant reliable remarkable renewed renowned resilient resolute
  resonant respected rested restful revered rhythmic ribbed rich right ringing ripe rising roaming robust rocky
  rolling romantic rooted rosy round rounded royal ruddy rugged rural russet rustic rustling sacred sailing salient
  salty sandy satin satisfied savory scarlet scenic scented scholarly scientific seaside seasoned secluded secure
  seeded select sensible sepia serene serious shaded shady shapely sharp sheltered shining shiny showy silent silky
  silly similar simple sincere singing skilled skillful sleek sleepy slender smart smiling smooth snappy snowy snug
  sociable social soft solar solid sonic soothing soulful sound southern spacious sparkling special speedy spherical
  spicy spinning spirited splendid spotless spotted sprightly spry stalwart starlit starry stately steadfast steady
  steamy steel stellar still stoic straight strategic striking striped strong structured studious stunning sturdy
  stylish sublime subtle suburban succinct sugary suitable sunlit sunny super superb supple supreme sure sweeping
  sweet swirling symbolic symphonic tactful talented tall tan tangible tangy tart tasteful tasty tawny tempered tender
  tepid terrific textured thankful thematic thorough thoughtful thrifty thrilled thriving tidal tidy timeless timely
  tinted tiny tireless toasty together tolerant tonal topical total touching towering tranquil tropical true trusted
  trustful trusting trusty truthful tuneful turquoise twilight twin twinkling umber unbroken uncommon unfolded
  unhurried unified uniform unique united universal upbeat uplifted upper upright upstream urban urbane useful valiant
  valid valued vast vaulted velvety venerable verdant verified versatile vertical vibrant victorious vigilant vigorous
  vintage virtual virtuous visible visionary visual vital vivacious vivid volcanic wandering warm watchful waxed waxy
  wealthy weathered weighty welcome western whimsical whispering white whole wholesome wide wild windy winged winning
  winsome wintry wise wishful witty wonderful wondrous wooded wooden woolen woolly workable worthy woven yearly local
  yielding young youthful yummy zany zealous zen zesty zigzag zippy`),
  second: wordsOf(`
  abacus acacia accordion acorn acrobat actor agate airport alcove alder alfalfa almanac alpaca alphabet altitude
  amaranth amethyst anchor anemone angle ant antelope antenna antler anvil apple apricot apron aquarium arbor arcade
  arch archer archive armadillo arrow artichoke artist aspen asteroid astronaut atlas atoll atom attic aurora author
  avenue awning axis axle backpack badge bagel bagpipe baker bakery balcony ball ballad balloon bamboo banana banjo
  banner barley barn barometer barrel basil basin bassoon bay bayou beach beacon beagle beam bean bear bedrock bee
  beech beetle begonia bench berry bicycle birch bird biscuit bison blanket blossom bluebird bluff boat bobbin bobcat
  bonfire bongo bonnet bonsai book booth border botanist bottle boulder bouquet bow bowl box bracelet brake bread
  breeze brick bridge broccoli brook broom bubble bucket buckwheat buffalo bugle builder bulb bumblebee bungalow bunny
  burrow buttercup button buzzard cabbage cabin cabinet cactus cafe cake calendar calf camel camellia camera camp
  canal canary candle candy canoe canteen canvas cape capsule caramel cardigan cardinal caribou carnation carnival
  carousel carp carpet carriage carrot cart cashew castle cat catalog catamaran cathedral cavern cedar celery cellar
  cello ceramist chalet chamber chamomile chapel chart cheese cheetah cherry chess chestnut chickadee chicken chicory
  chimney chipmunk chisel choir chord chorus cicada cinema cinnamon circus clam clarinet clay cloud clover coast
  cobbler cockatoo cocoa cocoon coffee collage comet compass concert conch condor cone conifer cookie copper cork corn
  cornet cosmos cottage cotton cougar cove coyote crab cradle crane crater crayon creek crescent crest cricket crocus
  crossing crown crumpet crystal cuckoo cucumber cupboard cupola curlew curtain cushion cyclist cygnet cymbal cypress
  daffodil daisy dale dancer dandelion dawn daylight deer delta dessert dew diagram dial diamond diary dinghy dingo
  dish diver dock dolphin dome donkey dormouse dove dragon dragonfly drawing dream drummer duck duckling dulcimer
  dumpling dune dusk eagle earring earth easel echo eclipse eddy egret elder elephant elk elm ember emblem emerald
  engineer equator ermine estuary evening evergreen explorer eyelet fable falcon farm farmer feather fennel ferret
  ferry festival fiddle fiddler field finch firefly fireplace fjord flamingo flannel flax fleet flint flock flower
  flute foal foliage footpath ford forest fort fossil fox foxglove freesia freighter frog frost gable galleon gallery
  garage garden gardener garland garlic garnet gateway gazebo gazelle gecko geode geranium geyser gibbon ginger
  giraffe glacier glass glider globe glove goat goblet goldfinch goldfish golf gondola gong goose gopher gorge gosling
  gourd grain granary granite grape grassland grove guitar guppy gypsum habitat haddock halibut halo hamlet hammock
  hamster orchid hare harmonica harmony harness harp harvest hatchet hawk hawthorn hazel hazelnut heath heather hedge
  hedgehog helium herald herb heron herring hibiscus hickory highland highway hippo hive hobby hollow holly hollyhock
  honey honeycomb horizon hound hour house hyacinth hydrant ibex ibis iceberg icicle igloo iguana impala incense inch
  indigo inkwell insect iris iron island islet ivory ivy jacket jam jar jasmine jay jeep jelly jellyfish jersey jewel
  jigsaw jockey journal journey juggler jungle juniper kangaroo kayak kelp kennel kernel kestrel kettle keyboard kilt
  kimono kingdom kiosk kite kitten kiwi knapsack knight knob koala kohlrabi label ladder lady lagoon lake lamp land
  landing lane lantern lapwing larch lark latch lattice laurel lava lawn leaf leaflet leek legend lemur lentil leopard
  lettuce lever library lichen lilac lily limestone linden lizard locket lodge loom loon lotus lowland lullaby lupine
  lute lynx lyre macaw magnolia magpie mahogany mailbox mallard mallet manatee mandolin mango mangrove manor mansion
  mantis map maple marble marigold marina maroon marsh meadow medal medley melody melon mercury meridian mesa meteor
  milestone miller minnow mint mirror mist mitten mole moment monarch monsoon monument moon moor moose morning mosaic
  moss mountain mouse muffin mulberry muse museum mushroom music musician muskrat mussel mustard myrtle narwhal nectar
  needle nest net nettle newt nickel nimbus noodle north nova nutmeg oak oar oasis oat oboe ocean ocelot octagon
  octave octopus onion opal orange orangutan orbit orchard orchestra harbor oregano oriole osprey ostrich otter
  outpost oval owl paddle pagoda painter palette pendulum panel panorama panther papaya paprika parade paragraph
  parasol park parrot parsley parsnip partridge pasture patio pavilion peach peacock peak peanut pear pearl pebble
  pecan pelican pencil panda penguin peninsula peony pepper perch peridot petal petunia pheasant photon piano piccolo
  picnic pier pigeon pilot pine pineapple pinnacle planet plateau plaza plum plumage pocket poem poet pollen pomelo
  pond pony poplar poppy porch porcupine portal portrait postcard potato potter prairie pretzel primrose puma pumice
  puppet puppy puzzle pyramid python quail quarry quartz quay quest quill quilt quince quiver quokka rabbit raccoon
  radio radish railway rainbow raindrop raisin ranch range raspberry raven ravine reed reef reindeer relay rhubarb
  rhyme rhythm ribbon rice ridge ring ripple river robin rocket rooftop rooster rose rowboat ruby rudder runner sable
  saddle saffron sage sail sailboat sailor salad salmon salt sandal sandbar sandpiper sandstone sapphire satchel
  satellite saucer savanna saxophone scarf schooner science scooter scroll sculptor sculpture sea seagull season
  seaweed seed sequoia shallot shamrock sheep shelf shell shelter shepherd shield ship shovel shower shrimp shrub
  shuttle signal silo silver singer siskin skate ski sky skylark slipper sloth snail snow snowdrop snowflake sonata
  sonnet sorrel south spaniel spark sparrow spatula sphere spice spider spinach spindle spiral spire sponge spoon
  spring sprout spruce square squash squid squirrel stadium stallion star starfish starling station statue steam
  steeple stem stencil steppe stone story stove stream street studio sturgeon sugar suitcase summer summit sun sundial
  sunflower sunset surf swallow swamp swan sweater swift swing switch sycamore symbol symphony syrup table tablet
  tadpole tailor tanager tangerine tapestry tapir target tartan tavern tea teacup teal teapot telescope temple tempo
  terrace terrain terrier theater theorem thicket thimble thistle thrush thunder thyme tide timber toast toffee tomato
  torch tornado tortoise toucan tower town tractor trail train treasure tree trellis triangle tributary tricycle trio
  trout truck truffle trumpet tuba tulip tundra tunnel turbine turnip turret turtle umbrella unicorn unicycle universe
  upland urchin valley vanilla vase veil veranda verse viaduct vicuna villa village vine vineyard violet violin vista
  volcano voyage wafer waffle wagon wallaby wallet walnut walrus waltz warbler watch water waterfall wave weather
  weaver wharf wheat wheel whisker wicker willow wind windmill window winter wisteria wombat wood world wreath wren
  yak yew yodel yogurt zebra zenith zephyr zinnia zither zucchini`),
} as const;

function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
